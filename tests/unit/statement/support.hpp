#pragma once

#include "statement/compile.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::statement::testing {

inline const std::array<std::string, 3> sort_fragments{"created_at DESC", "name ASC", "lower(name)"};
inline const std::array<std::string, 2> table_fragments{"users", "\"order\""};

// The inputs that every case may use.
inline const std::vector<input_declaration> inputs{
    {.name = "id", .type = value_type::integer},
    {.name = "email", .type = value_type::string},
    {.name = "q", .type = value_type::string},
    {.name = "n", .type = value_type::integer},
    {.name = "d", .type = value_type::date},
    {.name = "role", .type = value_type::string},
    {.name = "user-id", .type = value_type::uuid},
    {.name = "ids", .type = value_type::integer, .array = true},
    {.name = "sort", .type = value_type::choice, .fragments = sort_fragments},
    {.name = "table", .type = value_type::choice, .fragments = table_fragments},
};

// "text | input, input[]": the statement and what its parameters are bound to.
inline std::string show(const statement& shown) {
    std::string text(shown.text.view());
    std::string separator = " | ";
    for (const parameter& each : shown.parameters) {
        text += separator;
        text += inputs[each.input].name;
        text += each.array ? "[]" : "";
        separator = ", ";
    }
    return text;
}

// "offset: message", one line each; warnings are marked.
inline std::string show(const std::vector<problem>& problems) {
    std::string text;
    for (const problem& each : problems) {
        text += text.empty() ? "" : "\n";
        text += std::to_string(each.offset) + (each.level == severity::warning ? ": warning: " : ": ");
        text += each.message;
    }
    return text;
}

// The only statement, or the problems.
inline std::string compiled(std::string_view source, dialect target) {
    const compile_result result = compile(source, target, inputs);
    if (!result.compiled) {
        return show(result.problems);
    }
    return result.compiled->variants.size() == 1 ? show(result.compiled->variants.front())
                                                 : "several statements";
}

} // namespace hyperterse::statement::testing
