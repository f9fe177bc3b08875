#include "base/text.hpp"
#include "gateway/bounds.hpp"
#include "gateway/conversions.hpp"
#include "gateway/inputs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <re2/re2.h>

namespace hyperterse::gateway {

namespace {

using config::literal;

constexpr std::size_t default_max_length = 65'536;

constexpr bool has_order(value_type type) {
    return type == value_type::integer || type == value_type::floating || type == value_type::decimal ||
        type == value_type::date || type == value_type::datetime;
}

constexpr bool has_members(value_type type) {
    return type != value_type::json && type != value_type::choice;
}

// A literal of the configuration as a value to convert. YAML numbers and booleans count as such, whatever the
// type; a `json` is written as the text of a JSON value.
converted<json_value> from_literal(const literal& written, value_type type) {
    json_value made;
    switch (written.type) {
    case literal::kind::null:
        return made;
    case literal::kind::boolean:
        made.type = json_value::kind::boolean;
        made.flag = equals_ignoring_case(written.text, "true");
        return made;
    case literal::kind::number:
        if (type == value_type::json) {
            return from_text(written.text, type);
        }
        made.type = json_value::kind::number;
        made.text = written.text;
        return made;
    case literal::kind::string:
        return from_text(written.text, type);
    case literal::kind::list:
        break;
    }
    made.type = json_value::kind::array;
    for (const literal& item : written.items) {
        auto converted_item = from_literal(item, type);
        if (!converted_item) {
            return converted_item;
        }
        made.items.push_back(*std::move(converted_item));
    }
    return made;
}

bool is_secret(const literal& written) {
    return written.secret || std::ranges::any_of(written.items, is_secret);
}

// Fills one input from its configuration, reporting what is wrong on the way.
class input_compiler {
public:
    input_compiler(const config::input_config& written, diagnostics& found) :
        written_(written), found_(found) {
        made_.name = written.name.value;
        made_.type = written.type.value;
        made_.array = written.array;
        made_.description = written.description;
    }

    input compile() {
        compile_choices();
        compile_range();
        compile_lengths();
        compile_items();
        compile_forms();
        compile_enum();
        compile_default();
        return std::move(made_);
    }

private:
    void report(const location& where, std::string_view problem, std::string hint = {}) {
        found_.error(where, fmt::format("input '{}': {}", made_.name, problem), std::move(hint));
    }

    // Reports a value that cannot be one of this type, without its text when that is secret.
    void report_value(const literal& from, std::string_view what, const refusal& why) {
        const std::string_view reason = why.message;
        const bool secret = is_secret(from);
        report(
            from.where,
            fmt::format("invalid {}: {}", what, secret ? "it does not fit the type or its bounds" : reason)
        );
    }

    std::string type_text() const { return fmt::format("{}{}", name(made_.type), made_.array ? "[]" : ""); }

    // Reports a constraint that this type does not have.
    template <class T>
    bool applies(const std::optional<T>& constraint, bool to_this_type, std::string_view key) {
        if (constraint && !to_this_type) {
            report(constraint->where, fmt::format("'{}' does not apply to the type {}", key, type_text()));
        }
        return constraint && to_this_type;
    }

    void compile_choices() {
        if (made_.type != value_type::choice) {
            if (!written_.choices.empty()) {
                const location& where = written_.choices.front().word.where;
                report(where, "'choices' needs the type choice", "for a list of allowed values use 'enum'");
            }
            return;
        }
        if (made_.array) {
            report(written_.type.where, "a choice cannot be an array");
        }
        if (written_.choices.empty()) {
            report(written_.type.where, "the type choice needs 'choices'");
        }
        for (const config::input_config::choice& each : written_.choices) {
            made_.choice_words.push_back(each.word.value);
        }
    }

    // One element, as the declared type.
    std::optional<scalar> read_scalar(const literal& from, std::string_view what) {
        const auto given = from_literal(from, made_.type);
        if (!given) {
            report_value(from, what, given.error());
            return std::nullopt;
        }
        auto read = convert(*given, made_);
        if (!read) {
            report_value(from, what, read.error());
            return std::nullopt;
        }
        return *std::move(read);
    }

    void compile_range() {
        const bool ordered = has_order(made_.type);
        if (applies(written_.min, ordered, "min")) {
            made_.bounds.min = read_scalar(*written_.min, "'min'");
        }
        if (applies(written_.max, ordered, "max")) {
            made_.bounds.max = read_scalar(*written_.max, "'max'");
        }
        if (made_.bounds.min && made_.bounds.max &&
            compare(made_.type, *made_.bounds.min, *made_.bounds.max) > 0) {
            report(written_.max->where, "'max' is less than 'min'");
        }
    }

    using size_limit = std::optional<config::located<std::size_t>>;

    void compile_sizes(
        const size_limit& least,
        std::string_view least_key,
        const size_limit& most,
        std::string_view most_key,
        bool to_this_type
    ) {
        const bool has_least = applies(least, to_this_type, least_key);
        const bool has_most = applies(most, to_this_type, most_key);
        if (has_least && has_most && most->value < least->value) {
            report(most->where, fmt::format("'{}' is less than '{}'", most_key, least_key));
        }
    }

    void compile_lengths() {
        const bool is_text = made_.type == value_type::string;
        compile_sizes(written_.min_length, "min_length", written_.max_length, "max_length", is_text);
        if (!is_text) {
            return;
        }
        const std::size_t least = written_.min_length ? written_.min_length->value : 0;
        if (least > 0) {
            made_.bounds.min_length = least;
        }
        made_.bounds.max_length =
            written_.max_length ? written_.max_length->value : std::max(default_max_length, least);
    }

    void compile_items() {
        compile_sizes(written_.min_items, "min_items", written_.max_items, "max_items", made_.array);
        if (written_.min_items) {
            made_.bounds.min_items = written_.min_items->value;
        }
        if (written_.max_items) {
            made_.bounds.max_items = written_.max_items->value;
        }
    }

    void compile_forms() {
        const bool is_text = made_.type == value_type::string;
        if (applies(written_.pattern, is_text, "pattern")) {
            auto compiled = std::make_shared<const re2::RE2>(written_.pattern->value, re2::RE2::Quiet);
            if (!compiled->ok()) {
                report(written_.pattern->where, "invalid 'pattern': " + compiled->error());
            }
            made_.bounds.pattern_text = written_.pattern->value;
            made_.bounds.pattern = std::move(compiled);
        }
        if (applies(written_.format, is_text, "format")) {
            made_.bounds.format = written_.format->value;
            if (made_.bounds.format != "email" && made_.bounds.format != "uri") {
                report(written_.format->where, "'format' is either email or uri");
            }
        }
    }

    void compile_enum() {
        if (!written_.allowed.empty() && !has_members(made_.type)) {
            report(
                written_.allowed.front().where,
                fmt::format("'enum' does not apply to the type {}", type_text())
            );
            return;
        }
        for (const literal& member : written_.allowed) {
            if (auto read = read_scalar(member, "'enum'")) {
                made_.bounds.allowed.push_back(*std::move(read));
            }
        }
    }

    void compile_default() {
        if (!written_.default_value) {
            if (written_.optional) {
                report(
                    written_.name.where,
                    "an optional input needs a 'default'",
                    "write 'default: null' to bind NULL when it is not given"
                );
            }
            return;
        }
        made_.required = false;
        const literal& from = *written_.default_value;
        if (from.type == literal::kind::null) {
            if (made_.type == value_type::choice) {
                report(from.where, "invalid default value: a choice cannot be null");
            }
            made_.default_value = value();
            return;
        }
        const auto given = from_literal(from, made_.type);
        if (!given) {
            report_value(from, "default value", given.error());
            return;
        }
        auto checked = to_value(*given, made_);
        if (!checked) {
            report_value(from, "default value", checked.error());
            return;
        }
        made_.default_value = *std::move(checked);
    }

    const config::input_config& written_;
    diagnostics& found_;
    input made_{};
};

} // namespace

input compile_input(const config::input_config& written, diagnostics& found) {
    return input_compiler(written, found).compile();
}

} // namespace hyperterse::gateway
