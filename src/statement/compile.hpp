#pragma once

#include "base/diagnostic.hpp"
#include "base/value.hpp"
#include "statement/dialect.hpp"
#include "statement/statement.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The template compiler: a statement with {{ inputs.x }} placeholders, as written in the configuration,
// becomes statements with the database's own parameters. Pure; runs at load only.
namespace hyperterse::statement {

// What the compiler needs to know of an input.
struct input_declaration {
    std::string_view name;
    value_type type;
    bool array = false;
    std::span<const std::string> fragments{}; // of a `choice` input, in configuration order
};

// A problem at a byte offset of the template.
struct problem {
    std::size_t offset;
    severity level;
    std::string message;
    std::string hint;
};

// One reason why a template has several statements: a `choice` input (options: its fragments) or an input
// that {{#if}} asks for (options: 0 absent or null, 1 present).
struct selector {
    enum class kind : std::uint8_t { choice, presence };
    kind by;
    std::size_t input;
    std::size_t options;
};

struct compiled_template {
    // Every combination, the first selector varying slowest. Never empty when there was no error.
    std::vector<statement> variants;
    std::vector<selector> selectors;
    std::vector<bool> input_used; // per input: bound, chosen or asked for by {{#if}} in the statement

    // REQUIRES: one option per selector, each below selector.options.
    const statement& select(std::span<const std::size_t> options) const;
};

struct compile_result {
    std::optional<compiled_template> compiled; // empty exactly when a problem is an error
    std::vector<problem> problems;             // in order of offset
};

inline constexpr std::size_t max_variants = 64;

compile_result compile(std::string_view source, dialect target, std::span<const input_declaration> inputs);

} // namespace hyperterse::statement
