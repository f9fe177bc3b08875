#pragma once

#include "cli/options.hpp"

#include <CLI/App.hpp>
#include <string>

// One function per command, each in a file of its own; all return the exit status and say on standard error
// why it is not 0.
namespace hyperterse::cli {

int run_command(const run_options& given);

struct validate_options {
    std::string format = "text"; // or "json"
    bool live = false;           // connect, and check every statement against its database
};
int validate_command(const source_options& source, const validate_options& given);

struct init_options {
    std::string output = "config.terse";
    std::string connector = "sqlite"; // or "postgres"
};
int init_command(const init_options& given);

int schema_command();
int version_command();

// A completion script for "bash", "zsh" or "fish", made from what `program` accepts.
int completion_command(const CLI::App& program, const std::string& shell);

} // namespace hyperterse::cli
