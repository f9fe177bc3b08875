#pragma once

#include "app/settings.hpp"
#include "config/load.hpp"

#include <CLI/App.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace hyperterse::cli {

// Where the configuration comes from: -f/--file, -s/--source, --lenient.
struct source_options {
    std::string file;
    std::string text;
    bool lenient = false;
};
void add_source_options(CLI::App& command, source_options& into);

// The file or the text that was given, else config.terse of the working directory. Empty, and said on
// standard error, when both were given, or none and that file is not there.
std::optional<config::source> source_of(const source_options& given);

// The options of `run`, which the program takes without a subcommand too.
struct run_options {
    source_options source;
    std::string host;
    std::optional<std::uint16_t> port;
    std::string log_level;
    std::string log_format;
    std::optional<std::size_t> workers;
    bool verbose = false;
};
void add_run_options(CLI::App& command, run_options& into);

} // namespace hyperterse::cli
