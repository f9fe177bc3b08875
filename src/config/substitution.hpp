#pragma once

#include "config/load.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// {{ env.NAME }}, {{ env.NAME | default("x") }} and {{ file.PATH }} in the text of a scalar.
namespace hyperterse::config {

// Bytes [from, from + length) of the written text became bytes [to, to + size) of the result.
struct replacement {
    std::size_t from;
    std::size_t length;
    std::size_t to;
    std::size_t size;
};

struct substitution_problem {
    std::size_t offset; // in the written text
    std::string message;
    std::string hint;
};

struct substituted_text {
    std::string text;
    std::vector<replacement> replacements; // in order
    bool secret = false;                   // some of it came from the environment or a file
    std::vector<substitution_problem> problems;
};

// What becomes of the text afterwards.
enum class substitution_use : std::uint8_t {
    value,
    statement, // read for {{ … }} again: what is put in must not hold or complete any
};

struct substitution_sources {
    environment variables;
    std::filesystem::path directory; // what relative paths of {{ file.PATH }} are relative to
};

// Other {{ … }} stay as they are. Problems never show a value.
substituted_text
substitute(std::string_view written, const substitution_sources& sources, substitution_use use);

} // namespace hyperterse::config
