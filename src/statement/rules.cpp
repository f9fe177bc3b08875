#include "statement/rules.hpp"

#include <array>
#include <cstddef>

namespace hyperterse::statement {

namespace {

// In the order of enum dialect.
constexpr std::array<dialect_rules, 2> table{{
    {.parameter = "?",
     .as_text = "",
     .own_parameters = "?:@$#",
     .name_quotes = "\"`[",
     .literal_prefixes = "x",
     .line_ends = "\n",
     .ampersand_prefix = false,
     .dollar_quotes = false,
     .nested_comments = false,
     .continued_literals = false,
     .typed_literals = false,
     .array_type = false},
    {.parameter = "$",
     .as_text = "::text",
     .own_parameters = "$",
     .name_quotes = "\"",
     .literal_prefixes = "ebxn",
     .line_ends = "\n\r",
     .ampersand_prefix = true,
     .dollar_quotes = true,
     .nested_comments = true,
     .continued_literals = true,
     .typed_literals = true,
     .array_type = true},
}};

} // namespace

const dialect_rules& rules_of(dialect target) {
    return table[static_cast<std::size_t>(target)];
}

} // namespace hyperterse::statement
