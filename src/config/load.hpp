#pragma once

#include "base/diagnostic.hpp"
#include "config/model.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hyperterse::config {

// Where the text comes from: a file, or text given on the command line (shown as "<source>" in diagnostics).
struct source {
    std::filesystem::path file;
    std::optional<std::string> text;
};

// A variable of the process; empty when it is not set. A parameter so that tests need not change the
// environment.
using environment = std::function<std::optional<std::string>(std::string_view name)>;
environment process_environment();

struct load_options {
    environment variables = process_environment();
    bool lenient = false; // unknown keys are warnings
    // The second place of .env files, and what the paths of a text source are relative to.
    std::filesystem::path working_directory = ".";
};

// The variables that a configuration sees: `options.variables`, then .env.local, .env.development and .env
// beside the file, then those in the working directory. A file that does not parse is an error.
environment layered_environment(const source& from, const load_options& options, diagnostics& found);

// Reads the file, its includes and the .env layers beside it (then in the working directory), and checks all
// that can be checked without statements and databases. Empty exactly when `found` has an error. Blocking.
std::optional<model> load(const source& from, const load_options& options, diagnostics& found);

// The JSON Schema (2020-12) of the language, from the same table that load() reads. Ends with a newline.
std::string json_schema();

} // namespace hyperterse::config
