#include "statement/position.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <string>

namespace hyperterse::statement {

namespace {

constexpr std::string_view name_hint =
    "a value is bound, never pasted: list the names in an input of type choice, or write one query for each";
constexpr std::string_view key_hint =
    "the database would sort by a constant: list the keys in an input of type choice, as in "
    "choices: {newest: created_at DESC, name: name ASC}";

const token& before(const lexed& source, std::size_t index, std::size_t steps = 1) {
    static constexpr token none;
    return index < steps ? none : source.tokens[index - steps];
}

bool has(const token& each, word_traits wanted) {
    return (each.traits & wanted) != 0;
}

bool is_any_word(const lexed& source, const token& each, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return source.is_word(each, word); });
}

bool is_interval_field(const lexed& source, const token& each) {
    return is_any_word(source, each, {"year", "month", "day", "hour", "minute", "second"});
}

// Whether an operand ends here, so that a further one cannot follow directly.
bool ends_operand(const lexed& source, const token& each) {
    switch (each.kind) {
    case token_kind::word:
        return !has(each, trait::takes_value);
    case token_kind::number:
    case token_kind::quoted_name:
    case token_kind::string:
    case token_kind::dollar_string:
    case token_kind::tag:
        return true;
    case token_kind::symbol:
        return source.is_symbol(each, ")") || source.is_symbol(each, "]");
    case token_kind::own_parameter:
    case token_kind::end:
        return false;
    }
    return false;
}

// Whether nothing more belongs to the sort key before this token.
bool ends_key(const lexed& source, const token& each) {
    if (each.kind == token_kind::word) {
        return has(each, trait::ends_list) || is_any_word(source, each, {"asc", "desc", "nulls", "collate"});
    }
    constexpr std::array closing{",", ")", ";", "::"};
    return each.kind == token_kind::end ||
        std::ranges::any_of(closing, [&](std::string_view symbol) { return source.is_symbol(each, symbol); });
}

bool follows_name_word(const lexed& source, const scope_tracker& at, std::size_t first) {
    const token& previous = before(source, first);
    if (source.is_word(previous, "from")) {
        return at.is_from_clause(first - 1);
    }
    if (source.is_word(previous, "exists")) {
        const token& condition = before(source, first, 2);
        return source.is_word(condition, "if") ||
            (source.is_word(condition, "not") && source.is_word(before(source, first, 3), "if"));
    }
    return has(previous, trait::takes_name);
}

} // namespace

void scope_tracker::advance(std::size_t index) {
    const token& passed = source_.tokens[index];
    if (passed.kind == token_kind::word) {
        enter_word(index);
    } else if (source_.is_symbol(passed, "(") || source_.is_symbol(passed, "[")) {
        scopes_.push_back(
            {.query = false, .of_in = source_.is_word(before(source_, index), "in"), .inside = list::none}
        );
    } else if ((source_.is_symbol(passed, ")") || source_.is_symbol(passed, "]")) && scopes_.size() > 1) {
        scopes_.pop_back();
    }
}

void scope_tracker::enter_word(std::size_t index) {
    const token& passed = source_.tokens[index];
    scope& current = scopes_.back();
    if (has(passed, trait::begins_query)) {
        current.query = true;
        current.inside = list::none;
    } else if (source_.is_word(passed, "from")) {
        current.inside = is_from_clause(index) ? list::names : current.inside;
    } else if (source_.is_word(passed, "join")) {
        current.inside = list::names;
    } else if (source_.is_word(passed, "by")) {
        current.inside = list::keys;
    } else if (has(passed, trait::ends_list)) {
        current.inside = list::none;
    }
}

bool scope_tracker::is_from_clause(std::size_t index) const {
    const bool compares = source_.is_word(before(source_, index), "distinct") &&
        is_any_word(source_, before(source_, index, 2), {"is", "not"});
    return scopes_.back().query && !compares;
}

std::optional<refusal>
refuse_value(const lexed& source, const scope_tracker& at, std::size_t first, std::size_t last) {
    using list = scope_tracker::list;
    const token& previous = before(source, first);
    const token& next = source.tokens[last + 1];
    const bool after_comma = source.is_symbol(previous, ",");
    const bool after_operand = ends_operand(source, previous);

    const bool beside_name_symbol = source.is_symbol(previous, ".") || source.is_symbol(previous, "::") ||
        source.is_symbol(next, ".") || source.is_symbol(next, "(");
    if (beside_name_symbol || follows_name_word(source, at, first)) {
        return refusal{"stands where a name must be", name_hint};
    }
    if (at.inside() == list::names && (after_comma || after_operand)) {
        return refusal{"stands where the name of a table or an alias must be", name_hint};
    }
    const bool begins_key = after_comma || source.is_word(previous, "by");
    if (at.inside() == list::keys && (after_operand || (begins_key && ends_key(source, next)))) {
        return refusal{"stands where a sort key or direction must be", key_hint};
    }
    if (source.is_word(previous, "in")) {
        return refusal{"has no parentheses around it", "write IN (…)"};
    }
    if (first < last && source.is_word(source.tokens[first], "interval") && is_interval_field(source, next)) {
        return refusal{
            "is an interval whose unit stands outside of the literal",
            "write the unit inside: INTERVAL '{{ inputs.NAME }} days'"
        };
    }
    // What becomes of it has parentheses: the name before it would be called as a function.
    const bool after_name =
        after_operand && (previous.kind == token_kind::word || previous.kind == token_kind::quoted_name);
    const token& value = source.tokens[last];
    if (after_name && value.kind == token_kind::string && !source.is_whole_literal(value)) {
        return refusal{
            "stands in a literal directly after a name",
            "write parentheses around the literal, or CAST(… AS type) for a typed one"
        };
    }
    return std::nullopt;
}

std::size_t typed_literal_begin(const lexed& source, std::size_t index) {
    std::size_t end = index; // one after the type
    if (source.is_word(before(source, end), "zone")) {
        if (!source.is_word(before(source, end, 2), "time") ||
            !is_any_word(source, before(source, end, 3), {"with", "without"})) {
            return index;
        }
        end -= 3;
    }
    if (source.is_symbol(before(source, end), ")")) { // a precision
        if (before(source, end, 2).kind != token_kind::number ||
            !source.is_symbol(before(source, end, 3), "(")) {
            return index;
        }
        end -= 3;
    }
    const token& type = before(source, end);
    if (!has(type, trait::type_name) || source.is_symbol(before(source, end, 2), ".")) {
        return index;
    }
    return end - 1;
}

std::string cast_type(const lexed& source, std::size_t index) {
    std::size_t at = index + 1;
    const bool call = source.is_symbol(before(source, index), "(") &&
        source.is_word(before(source, index, 2), "cast") && source.is_word(source.tokens[at], "as");
    if (!call && !source.is_symbol(source.tokens[at], "::")) {
        return {};
    }
    std::string type;
    for (++at; at < source.tokens.size(); ++at) {
        const token& part = source.tokens[at];
        const bool word = part.kind == token_kind::word && (type.empty() || type.back() == '.');
        if (!word && !source.is_symbol(part, ".") && !source.is_symbol(part, "[") &&
            !source.is_symbol(part, "]")) {
            break;
        }
        std::ranges::transform(source.text_of(part), std::back_inserter(type), to_lower);
    }
    return type;
}

} // namespace hyperterse::statement
