#include "statement/check.hpp"

#include "base/text.hpp"
#include "statement/fragment.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace hyperterse::statement {

namespace {

constexpr std::string_view fixed_texts_hint =
    "a value is bound, never pasted: list the texts in an input of type choice, or write one query for each";

// Why a placeholder cannot stand inside a token.
struct container_rule {
    token_kind kind;
    char prefix; // of the token; 0: none
    std::string_view where;
    std::string_view hint;
};
constexpr std::array container_rules{
    container_rule{
        token_kind::string,
        'b',
        "in a bit string B'…'",
        "bind the bits as a string and cast it, as in x::bit(8)"
    },
    container_rule{
        token_kind::string,
        'x',
        "in a hexadecimal literal X'…'",
        "bind a string and decode it in the statement"
    },
    container_rule{token_kind::string, 'n', "in a national literal N'…'", "write the literal without the N"},
    container_rule{
        token_kind::string, 'u', "in a literal with Unicode escapes U&'…'", "write the literal without the U&"
    },
    container_rule{token_kind::quoted_name, 'u', "in a quoted name", fixed_texts_hint},
    container_rule{
        token_kind::quoted_name,
        0,
        "in a quoted name",
        "for a string use single quotes; for a name use an input of type choice, or one query for each"
    },
    container_rule{
        token_kind::dollar_string,
        0,
        "in a dollar-quoted literal",
        "use a literal in single quotes; the body of a function cannot take values: write one query for each"
    },
};

class checker {
public:
    checker(const lexed& source, const dialect_rules& rules, std::span<const input_declaration> inputs) :
        source_(source), rules_(rules), inputs_(inputs) {
        out_.input_used.resize(inputs.size());
        has_selector_.resize(2 * inputs.size());
    }

    checked_template run() {
        for (const token& each : source_.tokens) {
            check_token(each);
        }
        for (const open_if& left : open_) {
            structure_problem_at(left.begin, "{{#if}} has no {{/if}}");
        }
        for (const tag& each : source_.comment_tags) {
            out_.problems.push_back(
                {each.begin,
                 severity::warning,
                 fmt::format("'{}' stands in a comment, it has no effect", excerpt(source_.text, each.begin)),
                 ""}
            );
        }
        return std::move(out_);
    }

private:
    struct open_if {
        std::size_t begin;
        bool has_else;
    };

    void problem_at(std::size_t offset, std::string message, std::string_view hint = {}) {
        out_.problems.push_back({offset, severity::error, std::move(message), std::string(hint)});
    }
    void structure_problem_at(std::size_t offset, std::string message) {
        problem_at(offset, std::move(message));
        out_.expandable = false;
    }
    bool touches_word_before(const tag& each) const {
        return each.begin > 0 && is_word_char(source_.text[each.begin - 1]);
    }
    bool touches_word_after(const tag& each) const {
        return each.end < source_.text.size() && is_word_char(source_.text[each.end]);
    }

    void check_token(const token& each);
    void check_inside(const token& container, const tag& inside);
    void check_alone(const tag& alone);
    void check_control(const tag& control);
    void check_fragments(const tag& chosen, std::size_t input);
    std::optional<std::size_t> resolve(const tag& each);
    bool add_selector(selector::kind by, std::size_t input, std::size_t options);

    const lexed& source_;
    const dialect_rules& rules_;
    std::span<const input_declaration> inputs_;
    checked_template out_;
    std::vector<open_if> open_;
    std::vector<bool> has_selector_; // per input and kind
};

void checker::check_token(const token& each) {
    if (each.kind == token_kind::own_parameter) {
        problem_at(
            each.begin,
            fmt::format("'{}' is a parameter that nothing would be bound to", source_.text_of(each)),
            "declare an input and write {{ inputs.NAME }}"
        );
    } else if (each.kind == token_kind::tag && each.holds_tags()) {
        check_alone(source_.tags_of(each).front());
    } else {
        for (const tag& inside : source_.tags_of(each)) {
            check_inside(each, inside);
        }
    }
}

void checker::check_inside(const token& container, const tag& inside) {
    if (inside.kind == tag_kind::if_input) {
        problem_at(
            inside.begin,
            "{{#if}} cannot stand inside quotes",
            "put whole literals into its branches: {{#if inputs.x}}'a'{{else}}'b'{{/if}}"
        );
        return;
    }
    const auto input = resolve(inside);
    if (!input) {
        return;
    }
    const auto rule = std::ranges::find_if(container_rules, [&](const container_rule& row) {
        return row.kind == container.kind && row.prefix == container.prefix;
    });
    const std::string placeholder = spelled(inside.name);
    if (rule != container_rules.end()) {
        problem_at(inside.begin, fmt::format("'{}' stands {}", placeholder, rule->where), rule->hint);
    } else if (inputs_[*input].type == value_type::choice) {
        problem_at(
            inside.begin,
            fmt::format("'{}' is a choice and stands in a literal", placeholder),
            "write the literal without quotes and put the quotes into the choices"
        );
    } else if (inputs_[*input].array) {
        problem_at(
            inside.begin,
            fmt::format("'{}' is an array and stands in a literal", placeholder),
            fmt::format("write it without quotes, as in IN ({})", placeholder)
        );
    }
}

void checker::check_alone(const tag& alone) {
    const bool control = alone.kind == tag_kind::if_input || alone.kind == tag_kind::otherwise ||
        alone.kind == tag_kind::end_if;
    if (control) {
        check_control(alone);
        return;
    }
    const auto input = resolve(alone);
    if (!input) {
        return;
    }
    if (touches_word_before(alone) || touches_word_after(alone)) {
        problem_at(
            alone.begin,
            fmt::format("'{}' touches a word: a value cannot be a part of a name", spelled(alone.name)),
            "write whole names, listed in an input of type choice, or one query for each"
        );
    }
    if (inputs_[*input].type == value_type::choice) {
        check_fragments(alone, *input);
    }
}

void checker::check_control(const tag& control) {
    if (control.kind == tag_kind::if_input) {
        open_.push_back({control.begin, false});
        if (const auto input = resolve(control)) {
            add_selector(selector::kind::presence, *input, 2);
        }
    } else if (open_.empty()) {
        structure_problem_at(
            control.begin,
            control.kind == tag_kind::end_if ? "{{/if}} without {{#if}}" : "{{else}} without {{#if}}"
        );
    } else if (control.kind == tag_kind::end_if) {
        open_.pop_back();
    } else if (std::exchange(open_.back().has_else, true)) {
        structure_problem_at(control.begin, "a second {{else}} for the same {{#if}}");
    }
    if (control.kind != tag_kind::otherwise && touches_word_before(control) && touches_word_after(control)) {
        problem_at(
            control.begin,
            fmt::format("'{}' stands inside a name", excerpt(source_.text, control.begin)),
            "put whole names into the branches"
        );
    }
}

void checker::check_fragments(const tag& chosen, std::size_t input) {
    if (!add_selector(selector::kind::choice, input, inputs_[input].fragments.size())) {
        return;
    }
    const auto fragments = inputs_[input].fragments;
    if (fragments.empty()) {
        structure_problem_at(chosen.begin, fmt::format("input '{}' has no choices", inputs_[input].name));
    }
    for (const std::string& fragment : fragments) {
        if (const std::string_view fault = fault_of_fragment(fragment, rules_); !fault.empty()) {
            structure_problem_at(
                chosen.begin,
                fmt::format("a choice of input '{}' {}: {}", inputs_[input].name, fault, fragment)
            );
        }
    }
}

// The input that a tag names, now counted as used; reports the tag when there is none.
std::optional<std::size_t> checker::resolve(const tag& each) {
    if (each.kind == tag_kind::auth) {
        problem_at(
            each.begin,
            fmt::format(
                "'{}' cannot be bound: authentication is not in this build", excerpt(source_.text, each.begin)
            )
        );
        return std::nullopt;
    }
    if (each.kind == tag_kind::env) {
        problem_at(
            each.begin,
            fmt::format("'{}' is not a correct placeholder", excerpt(source_.text, each.begin)),
            "write {{ env.NAME }} or {{ env.NAME | default(\"x\") }}"
        );
        return std::nullopt;
    }
    const auto input = find_input(inputs_, each.name);
    if (input) {
        out_.input_used[*input] = true;
        return input;
    }
    std::vector<std::string_view> names;
    for (const input_declaration& declared : inputs_) {
        names.push_back(declared.name);
    }
    std::string hint = did_you_mean(each.name, names);
    hint += hint.empty() ? "" : " ";
    hint += names.empty() ? "the query has no inputs" : fmt::format("(inputs: {})", join(names));
    problem_at(
        each.begin,
        fmt::format(
            "statement references '{}' but the query has no input '{}'", spelled(each.name), each.name
        ),
        hint
    );
    return std::nullopt;
}

// False when there is one already.
bool checker::add_selector(selector::kind by, std::size_t input, std::size_t options) {
    const std::size_t key = 2 * input + static_cast<std::size_t>(by);
    if (has_selector_[key]) {
        return false;
    }
    has_selector_[key] = true;
    out_.selectors.push_back({by, input, options});
    return true;
}

} // namespace

std::optional<std::size_t> find_input(std::span<const input_declaration> inputs, std::string_view name) {
    const auto found = std::ranges::find(inputs, name, &input_declaration::name);
    if (found == inputs.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - inputs.begin());
}

checked_template
check(const lexed& source, const dialect_rules& rules, std::span<const input_declaration> inputs) {
    return checker(source, rules, inputs).run();
}

} // namespace hyperterse::statement
