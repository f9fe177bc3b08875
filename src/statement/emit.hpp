#pragma once

#include "statement/compile.hpp"
#include "statement/lexer.hpp"

#include <optional>
#include <span>
#include <vector>

namespace hyperterse::statement {

struct emitted {
    std::optional<statement> finished; // empty exactly when there are problems
    std::vector<problem> problems;     // errors, at offsets of the text that was emitted from
};

// Writes one statement with the dialect's parameters in place of the placeholders. Placeholders that check()
// refuses are left out. REQUIRES: `source` is complete and has no {{#if}} and no choice outside of quotes.
emitted emit(const lexed& source, dialect target, std::span<const input_declaration> inputs);

} // namespace hyperterse::statement
