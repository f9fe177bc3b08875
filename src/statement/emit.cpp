#include "statement/emit.hpp"

#include "base/text.hpp"
#include "statement/check.hpp"
#include "statement/effect.hpp"
#include "statement/position.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace hyperterse::statement {

namespace {

// A semicolon may only end the statement.
std::optional<problem> refuse_count(const lexed& source) {
    if (source.tokens.front().kind == token_kind::end || source.is_symbol(source.tokens.front(), ";")) {
        return problem{0, severity::error, "the statement is empty", ""};
    }
    const auto semicolon =
        std::ranges::find_if(source.tokens, [&](const token& each) { return source.is_symbol(each, ";"); });
    if (semicolon == source.tokens.end() || std::next(semicolon)->kind == token_kind::end) {
        return std::nullopt;
    }
    return problem{
        std::next(semicolon)->begin,
        severity::error,
        "more than one statement",
        "write one query for each statement"
    };
}

} // namespace

// The only maker of sql_text. What it appends is text of the configuration, digits, and constants of its own.
class text_builder {
public:
    text_builder(const lexed& source, dialect target, std::span<const input_declaration> inputs) :
        source_(source), target_(target), rules_(rules_of(target)), inputs_(inputs), scopes_(source) {}

    emitted run() {
        if (auto refused = refuse_count(source_)) {
            problems_.push_back(std::move(*refused));
            return {std::nullopt, std::move(problems_)};
        }
        out_.reserve(source_.text.size() + 16);
        token_begin_.reserve(source_.tokens.size());
        for (std::size_t index = 0; index < source_.tokens.size(); ++index) {
            append_token(index);
            scopes_.advance(index);
        }
        if (!problems_.empty()) {
            return {std::nullopt, std::move(problems_)};
        }
        return {
            statement{
                sql_text(std::string(trim(out_))), std::move(parameters_), apparent_effect(source_, target_)
            },
            {}
        };
    }

private:
    struct bound {
        std::size_t input;
        std::string type; // what the statement casts it to; one parameter cannot have two types
        friend bool operator==(const bound&, const bound&) = default;
    };

    void append_token(std::size_t index);
    void append_value(std::size_t index);
    void append_typed(std::size_t first, std::size_t index, std::size_t input);
    void append_array(std::size_t index, std::size_t input);
    void append_literal(const token& literal);
    void append_parameter(std::size_t input, std::string type);
    void append_piece(const token& literal, std::size_t begin, std::size_t end);
    void problem_at(std::size_t offset, std::string message, std::string hint = {}) {
        problems_.push_back({offset, severity::error, std::move(message), std::move(hint)});
    }
    std::string cast_at(std::size_t index) const {
        return rules_.typed_literals ? cast_type(source_, index) : std::string();
    }
    // Keeps what is appended next apart from a word or number that it would become a part of.
    void separate(char next) {
        if (!out_.empty() && is_word_char(out_.back()) && is_word_char(next)) {
            out_ += ' ';
        }
    }
    const token& previous(std::size_t index, std::size_t steps = 1) const {
        static constexpr token none;
        return index < steps ? none : source_.tokens[index - steps];
    }

    const lexed& source_;
    dialect target_;
    const dialect_rules& rules_;
    std::span<const input_declaration> inputs_;
    scope_tracker scopes_;
    std::string out_;
    std::vector<std::size_t> token_begin_; // in out_, of each token so far
    std::size_t last_token_end_ = 0;       // in out_
    std::vector<bound> bound_;             // of each parameter
    std::vector<parameter> parameters_;
    std::vector<problem> problems_;
};

void text_builder::append_token(std::size_t index) {
    const token& each = source_.tokens[index];
    last_token_end_ = out_.size();
    out_ += source_.gap_of(each);
    token_begin_.push_back(out_.size());
    if (each.holds_tags()) {
        append_value(index);
    } else if (!source_.is_symbol(each, ";") && each.kind != token_kind::end) {
        if (index > 0 && previous(index).holds_tags()) {
            separate(source_.text[each.begin]);
        }
        out_ += source_.text_of(each);
    }
}

void text_builder::append_value(std::size_t index) {
    const token& each = source_.tokens[index];
    const tag& placeholder = source_.tags_of(each).front();
    const bool can_hold = each.kind == token_kind::tag || each.kind == token_kind::string;
    const auto input = find_input(inputs_, placeholder.name);
    if (!can_hold || !input) {
        return;
    }
    const std::size_t first = rules_.typed_literals ? typed_literal_begin(source_, index) : index;
    if (const auto refused = refuse_value(source_, scopes_, first, index)) {
        problem_at(
            placeholder.begin,
            fmt::format("'{}' {}", spelled(placeholder.name), refused->reason),
            std::string(refused->hint)
        );
    } else if (first < index) {
        append_typed(first, index, *input);
    } else if (each.kind == token_kind::string && !source_.is_whole_literal(each)) {
        append_literal(each);
    } else if (inputs_[*input].array) {
        append_array(index, *input);
    } else {
        append_parameter(*input, cast_at(index));
    }
}

// DATE '…', whose type begins at token `first`, becomes CAST(… AS DATE): the former takes no parameter.
void text_builder::append_typed(std::size_t first, std::size_t index, std::size_t input) {
    const token& each = source_.tokens[index];
    const std::string type = out_.substr(token_begin_[first], last_token_end_ - token_begin_[first]);
    out_.resize(token_begin_[first]);
    out_ += "CAST(";
    if (each.kind == token_kind::string && !source_.is_whole_literal(each)) {
        append_literal(each);
    } else {
        std::string lower = type;
        std::ranges::transform(lower, lower.begin(), to_lower);
        append_parameter(input, std::move(lower));
    }
    out_ += " AS " + type + ')';
}

// REQUIRES: the token is the array alone. IN (array) is rewritten to what takes one parameter for any length.
void text_builder::append_array(std::size_t index, std::size_t input) {
    const std::string type = cast_at(index);
    if (!scopes_.in_list_of_values()) {
        append_parameter(input, type);
        return;
    }
    const token& next = source_.tokens[index + 1];
    const bool alone = source_.is_symbol(previous(index), "(") &&
        (source_.is_symbol(next, ")") || (rules_.array_type && source_.is_symbol(next, "::")));
    if (!alone) {
        const tag& placeholder = source_.tags_of(source_.tokens[index]).front();
        problem_at(
            placeholder.begin,
            fmt::format("'{}' is an array and shares its IN list", spelled(placeholder.name)),
            fmt::format("write a list of its own: … OR x IN ({})", spelled(placeholder.name))
        );
        return;
    }
    if (!rules_.array_type) {
        out_ += "SELECT value FROM json_each(";
        append_parameter(input, type);
        out_ += ')';
        return;
    }
    const bool negated = source_.is_word(previous(index, 3), "not");
    out_.resize(token_begin_[index - (negated ? 3 : 2)]);
    out_ += negated ? "<> ALL(" : "= ANY(";
    append_parameter(input, type);
}

// ('%' || $1::text || '%')
void text_builder::append_literal(const token& literal) {
    out_ += '(';
    std::size_t at = literal.content();
    bool first = true;
    for (const tag& each : source_.tags_of(literal)) {
        if (at < each.begin) {
            out_ += first ? "" : " || ";
            append_piece(literal, at, each.begin);
            first = false;
        }
        if (const auto input = find_input(inputs_, each.name)) {
            out_ += first ? "" : " || ";
            append_parameter(*input, rules_.as_text.empty() ? "" : "text");
            out_ += rules_.as_text;
        }
        first = false;
        at = each.end;
    }
    if (at + 1 < literal.end) {
        out_ += " || ";
        append_piece(literal, at, literal.end - 1);
    }
    out_ += ')';
}

void text_builder::append_piece(const token& literal, std::size_t begin, std::size_t end) {
    if (literal.prefix != 0) {
        out_ += source_.text[literal.begin];
    }
    out_ += '\'';
    out_ += source_.text.substr(begin, end - begin);
    out_ += '\'';
}

void text_builder::append_parameter(std::size_t input, std::string type) {
    const bound wanted{input, std::move(type)};
    auto found = std::ranges::find(bound_, wanted);
    if (found == bound_.end()) {
        found = bound_.insert(found, wanted);
        parameters_.push_back({input, inputs_[input].type, inputs_[input].array});
    }
    separate(rules_.parameter.front());
    out_ += rules_.parameter;
    fmt::format_to(std::back_inserter(out_), "{}", found - bound_.begin() + 1);
}

emitted emit(const lexed& source, dialect target, std::span<const input_declaration> inputs) {
    return text_builder(source, target, inputs).run();
}

} // namespace hyperterse::statement
