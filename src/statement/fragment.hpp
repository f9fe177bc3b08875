#pragma once

#include "statement/rules.hpp"

#include <string_view>

namespace hyperterse::statement {

// Why the text of a choice cannot be put into a statement, as a predicate ("has a semicolon"); empty when it
// can: it is whole tokens with balanced parentheses, and nothing in it reaches beyond its end.
std::string_view fault_of_fragment(std::string_view fragment, const dialect_rules& rules);

} // namespace hyperterse::statement
