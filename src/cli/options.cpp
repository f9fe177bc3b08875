#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

namespace hyperterse::cli {

namespace {

constexpr const char* default_file = "config.terse";
struct bounds {
    std::size_t least;
    std::size_t most;
};

// Nothing but digits: no sign, no white space, no prefix.
template <class Number>
CLI::Option& add_number(
    CLI::App& command, const char* names, std::optional<Number>& into, bounds in, const char* description
) {
    const std::string long_name = std::string(names).substr(std::string_view(names).find("--"));
    const auto store = [&into, in, long_name](const std::string& text) {
        std::size_t number = 0;
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec != std::errc() || read.ptr != end || number < in.least || number > in.most) {
            throw CLI::ValidationError(
                long_name, fmt::format("'{}' is not a number from {} to {}", text, in.least, in.most)
            );
        }
        into = static_cast<Number>(number);
    };
    return *command.add_option_function<std::string>(names, store, description);
}

} // namespace

void add_source_options(CLI::App& command, source_options& into) {
    command.add_option("-f,--file", into.file, "The configuration file (default config.terse)")
        ->type_name("PATH");
    command.add_option("-s,--source", into.text, "The configuration itself, as text")->type_name("YAML");
    command.add_flag("--lenient", into.lenient, "Unknown keys are warnings, not errors");
}

std::optional<config::source> source_of(const source_options& given) {
    if (!given.file.empty() && !given.text.empty()) {
        fmt::print(stderr, "error: cannot specify both --file and --source\n");
        return std::nullopt;
    }
    if (!given.text.empty()) {
        return config::source{.file = {}, .text = given.text};
    }
    if (!given.file.empty()) {
        return config::source{.file = given.file, .text = std::nullopt};
    }
    std::error_code ignored;
    if (std::filesystem::exists(default_file, ignored)) {
        return config::source{.file = default_file, .text = std::nullopt};
    }
    fmt::print(
        stderr,
        "error: there is no {} here; please provide a file with -f or --file, or its text with -s or "
        "--source\n"
        "  hint: 'hyperterse init' writes a {} that runs at once\n",
        default_file,
        default_file
    );
    return std::nullopt;
}

void add_run_options(CLI::App& command, run_options& into) {
    add_source_options(command, into.source);
    add_number(
        command, "-p,--port", into.port, {0, 65'535}, "Port to listen on; 0 takes any free one (default 8080)"
    )
        .type_name("PORT");
    command.add_option("--host", into.host, "Address to listen on (default 0.0.0.0)")->type_name("ADDRESS");
    command
        .add_option(
            "--log-level", into.log_level, "1 error, 2 warn, 3 info, 4 debug, or the name (default 3)"
        )
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"1", "2", "3", "4", "error", "warn", "info", "debug"}, CLI::ignore_case));
    command.add_option("--log-format", into.log_format, "text or json (default text)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    add_number(command, "--workers", into.workers, {1, 1'024}, "Threads that serve (default: one per core)")
        .type_name("N");
    command.add_flag("--verbose", into.verbose, "The same as --log-level 4");
}

} // namespace hyperterse::cli
