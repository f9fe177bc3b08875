#include "statement/fragment.hpp"

#include "statement/lexer.hpp"

#include <cstddef>

namespace hyperterse::statement {

std::string_view fault_of_fragment(std::string_view fragment, const dialect_rules& rules) {
    if (fragment.find('\0') != std::string_view::npos) {
        return "has a NUL character";
    }
    const lexed read = lex(fragment, rules);
    if (!read.complete) {
        return "has a literal, name or comment without an end";
    }
    if (!read.problems.empty() || !read.tags.empty() || !read.comment_tags.empty()) {
        return "has a placeholder";
    }
    std::size_t depth = 0;
    for (const token& each : read.tokens) {
        if (each.kind == token_kind::own_parameter) {
            return "has a parameter of its own";
        }
        if (read.is_symbol(each, ";")) {
            return "has a semicolon";
        }
        if (read.is_symbol(each, "(")) {
            ++depth;
        } else if (read.is_symbol(each, ")") && depth-- == 0) {
            return "closes a parenthesis that it did not open";
        }
    }
    if (depth > 0) {
        return "leaves a parenthesis open";
    }
    if (read.ends_in_line_comment) {
        return "ends in a comment that would go on in the statement";
    }
    return {};
}

} // namespace hyperterse::statement
