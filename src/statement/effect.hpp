#pragma once

#include "statement/lexer.hpp"

namespace hyperterse::statement {

// A read only when the words of the statement leave no doubt: its class is one that returns rows, and no word
// in it changes or locks data.
effect apparent_effect(const lexed& source, dialect target);

} // namespace hyperterse::statement
