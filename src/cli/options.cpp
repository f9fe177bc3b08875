#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

namespace hyperterse::cli {

namespace {

constexpr const char* default_file = "config.terse";

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
    command.add_option("-p,--port", into.port, "Port to listen on; 0 takes any free one (default 8080)")
        ->type_name("PORT")
        ->check(CLI::Range(0, 65535));
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
    command.add_option("--workers", into.workers, "Threads that serve (default: one per core)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
    command.add_flag("--verbose", into.verbose, "The same as --log-level 4");
}

} // namespace hyperterse::cli
