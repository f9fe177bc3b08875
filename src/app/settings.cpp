#include "app/settings.hpp"

#include <algorithm>
#include <charconv>
#include <thread>
#include <utility>

namespace hyperterse::app {

namespace {

constexpr std::uint16_t default_port = 8080;
constexpr std::string_view default_host = "0.0.0.0";

template <class T>
T first_of(const std::optional<T>& given, const std::optional<T>& written, T otherwise) {
    return given ? *given : written.value_or(std::move(otherwise));
}

// The text of the variable; `otherwise` when it is not set, or empty.
std::string variable(const config::environment& variables, std::string_view name, std::string otherwise) {
    auto set = variables(name);
    return set && !set->empty() ? *std::move(set) : std::move(otherwise);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole ? std::optional(port) : std::nullopt;
}

} // namespace

result<settings>
resolve(const config::server_config& written, const overrides& given, const config::environment& variables) {
    const auto usual_port = parse_port(variable(variables, "PORT", std::to_string(default_port)));
    if (!usual_port && !given.port && !written.listen.port) {
        return error{
            errc::invalid_input,
            public_message{"the environment variable PORT must be a whole number from 0 to 65535"}
        };
    }
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return settings{
        .host =
            first_of(given.host, written.listen.host, variable(variables, "HOST", std::string(default_host))),
        .port = first_of(given.port, written.listen.port, usual_port.value_or(default_port)),
        .log =
            {
                .threshold = first_of(given.log_level, written.log_level, log::level::info),
                .style = first_of(given.log_format, written.log_format, log::format::text),
            },
        .workers = first_of(given.workers, written.workers, cores),
    };
}

} // namespace hyperterse::app
