#pragma once

#include "statement/compile.hpp"
#include "statement/lexer.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace hyperterse::statement {

std::optional<std::size_t> find_input(std::span<const input_declaration> inputs, std::string_view name);

// What can be said of a template as a whole, before its combinations are looked at one by one.
struct checked_template {
    std::vector<selector> selectors; // in order of first appearance
    std::vector<bool> input_used;
    std::vector<problem> problems; // in no order
    bool expandable = true;        // {{#if}} nests correctly and the fragments can be put in
};

// Unknown inputs, placeholders where no value can be bound, the nesting of {{#if}}, the fragments of choices,
// parameters of the statement's own.
checked_template
check(const lexed& source, const dialect_rules& rules, std::span<const input_declaration> inputs);

} // namespace hyperterse::statement
