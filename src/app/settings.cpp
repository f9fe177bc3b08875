#include "app/settings.hpp"

#include <algorithm>
#include <thread>

namespace hyperterse::app {

namespace {

constexpr std::uint16_t default_port = 8080;
constexpr std::string_view default_host = "0.0.0.0";

template <class T>
T first_of(const std::optional<T>& given, const std::optional<T>& written, T otherwise) {
    return given ? *given : written.value_or(std::move(otherwise));
}

} // namespace

settings resolve(const config::server_config& written, const overrides& given) {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return {
        .host = first_of(given.host, written.listen.host, std::string(default_host)),
        .port = first_of(given.port, written.listen.port, default_port),
        .log =
            {
                .threshold = first_of(given.log_level, written.log_level, log::level::info),
                .style = first_of(given.log_format, written.log_format, log::format::text),
            },
        .workers = first_of(given.workers, written.workers, cores),
    };
}

} // namespace hyperterse::app
