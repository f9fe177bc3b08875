#include "gateway/conversions.hpp"

#include "base/json_text.hpp"
#include "gateway/bounds.hpp"
#include "gateway/excerpt.hpp"
#include "gateway/number_text.hpp"
#include "gateway/text_forms.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <stdexcept>

namespace hyperterse::gateway {

namespace {

using kind = json_value::kind;

// The names that upstream's messages give to the kinds of JSON, in the order of json_value::kind.
constexpr std::array<std::string_view, 6> upstream_kinds{
    "<nil>", "bool", "float64", "string", "[]interface {}", "map[string]interface {}"
};

std::string in_quotes(std::string_view text) {
    std::string quoted;
    append_json_string(quoted, text);
    return quoted;
}

// Upstream's message for text that is not of a type: its type's name and the function that refused it.
refusal
cannot_parse(std::string_view text, std::string_view type, std::string_view function, std::string_view why) {
    const std::string shown = excerpt(text);
    return {fmt::format(
        "cannot convert '{}' to {}: {}: parsing {}: {}", shown, type, function, in_quotes(shown), why
    )};
}

refusal not_a(value_type type, std::string_view text) {
    return {fmt::format("cannot parse '{}' as {}", excerpt(text), name(type))};
}

refusal wrong_kind(const json_value& given, std::string_view type) {
    return {fmt::format("cannot convert {} to {}", upstream_kinds[static_cast<std::size_t>(given.type)], type)
    };
}

refusal wrong_kind(const json_value& given, value_type type) {
    return wrong_kind(given, name(type));
}

std::string_view reason(number_fault fault) {
    switch (fault) {
    case number_fault::syntax:
        return "invalid syntax";
    case number_fault::range:
        return "value out of range";
    }
    return {};
}

template <class T>
converted<scalar>
or_refusal(number_result<T> read, std::string_view text, std::string_view type, std::string_view function) {
    if (const auto* fault = std::get_if<number_fault>(&read)) {
        return cannot_parse(text, type, function, reason(*fault));
    }
    return scalar(std::get<T>(std::move(read)));
}

converted<scalar> to_string(const json_value& given, const input&) {
    switch (given.type) {
    case kind::string:
    case kind::number:
        if (given.text.find('\0') != std::string::npos) {
            return refusal{"text must not contain U+0000"};
        }
        return scalar(given.text);
    case kind::boolean:
        return scalar(std::string(given.flag ? "true" : "false"));
    case kind::null:
    case kind::array:
    case kind::object:
        break;
    }
    return wrong_kind(given, value_type::string);
}

converted<scalar> to_int(const json_value& given, const input&) {
    if (given.type != kind::string && given.type != kind::number) {
        return wrong_kind(given, value_type::integer);
    }
    auto read = given.type == kind::number ? read_integral(given.text) : read_digits(given.text);
    return or_refusal(std::move(read), given.text, "int", "strconv.ParseInt");
}

converted<scalar> to_float(const json_value& given, const input&) {
    if (given.type != kind::string && given.type != kind::number) {
        return wrong_kind(given, value_type::floating);
    }
    return or_refusal(read_double(given.text), given.text, "float", "strconv.ParseFloat");
}

converted<scalar> to_boolean(const json_value& given, const input&) {
    constexpr std::array<std::string_view, 6> true_words{"1", "t", "T", "TRUE", "true", "True"};
    constexpr std::array<std::string_view, 6> false_words{"0", "f", "F", "FALSE", "false", "False"};
    if (given.type == kind::boolean) {
        return scalar(given.flag);
    }
    if (given.type != kind::string && given.type != kind::number) {
        return wrong_kind(given, value_type::boolean);
    }
    if (std::ranges::find(true_words, given.text) != true_words.end()) {
        return scalar(true);
    }
    if (std::ranges::find(false_words, given.text) != false_words.end()) {
        return scalar(false);
    }
    return cannot_parse(given.text, "boolean", "strconv.ParseBool", "invalid syntax");
}

converted<scalar> to_decimal(const json_value& given, const input&) {
    if (given.type != kind::string && given.type != kind::number) {
        return wrong_kind(given, value_type::decimal);
    }
    auto read = read_decimal(given.text);
    if (const auto* fault = std::get_if<number_fault>(&read)) {
        return refusal{fmt::format("cannot convert '{}' to decimal: {}", excerpt(given.text), reason(*fault))
        };
    }
    return scalar(std::get<std::string>(std::move(read)));
}

template <value_type type, bool (*is_form)(std::string_view)>
converted<scalar> to_form(const json_value& given, const input&) {
    if (given.type != kind::string) {
        return wrong_kind(given, type);
    }
    if (!is_form(given.text)) {
        return not_a(type, given.text);
    }
    return scalar(given.text);
}

bool is_date(std::string_view text) {
    return read_date(text).has_value();
}

bool is_datetime(std::string_view text) {
    return read_datetime(text).has_value();
}

converted<scalar> to_json(const json_value& given, const input&) {
    std::string text;
    append_json(text, given);
    return scalar(std::move(text));
}

converted<scalar> to_choice(const json_value& given, const input& expected) {
    if (given.type != kind::string) {
        return wrong_kind(given, value_type::choice);
    }
    const auto found = std::ranges::find(expected.choice_words, given.text);
    if (found == expected.choice_words.end()) {
        return refusal{
            fmt::format("'{}' is not one of: {}", excerpt(given.text), fmt::join(expected.choice_words, ", "))
        };
    }
    return scalar(static_cast<std::int64_t>(found - expected.choice_words.begin()));
}

using converter = converted<scalar> (*)(const json_value&, const input&);

// In the order of value_type.
constexpr std::array<converter, 10> converters{
    to_string,
    to_int,
    to_float,
    to_boolean,
    to_form<value_type::uuid, is_uuid>,
    to_form<value_type::datetime, is_datetime>,
    to_form<value_type::date, is_date>,
    to_decimal,
    to_json,
    to_choice,
};
static_assert(converters.size() == static_cast<std::size_t>(value_type::choice) + 1);

converted<scalar> to_checked_scalar(const json_value& given, const input& expected) {
    auto made = convert(given, expected);
    if (!made) {
        return made;
    }
    if (auto found = violation(expected.bounds, expected.type, *made)) {
        return refusal{*std::move(found), refusal_cause::bounds};
    }
    return made;
}

converted<value> to_array(const json_value& given, const input& expected) {
    if (given.type != kind::array) {
        return wrong_kind(given, fmt::format("{}[]", name(expected.type)));
    }
    if (auto found = item_count_violation(expected.bounds, given.items.size())) {
        return refusal{*std::move(found), refusal_cause::bounds};
    }
    scalar_array items;
    items.reserve(given.items.size());
    for (const json_value& item : given.items) {
        auto made = to_checked_scalar(item, expected);
        if (!made) {
            return refusal{
                fmt::format("item {}: {}", items.size() + 1, made.error().message), made.error().cause
            };
        }
        items.push_back(*std::move(made));
    }
    return value(std::move(items));
}

bool accepts_null(const input& expected) {
    return expected.default_value && is_null(*expected.default_value);
}

} // namespace

void throw_exception_from_error(const refusal& why, const boost::source_location& where) {
    throw std::logic_error(
        "converted<T>::value() called on a refusal at " + where.to_string() + ": " + why.message
    );
}

converted<json_value> from_text(std::string_view text, value_type type) {
    if (type != value_type::json) {
        json_value made;
        made.type = kind::string;
        made.text = text;
        return made;
    }
    auto parsed = parse_json(text, {});
    if (!parsed) {
        return not_a(type, text);
    }
    return *std::move(parsed);
}

converted<scalar> convert(const json_value& given, const input& expected) {
    if (given.type == kind::null) {
        return wrong_kind(given, expected.type);
    }
    return converters[static_cast<std::size_t>(expected.type)](given, expected);
}

converted<value> to_value(const json_value& given, const input& expected) {
    if (given.type == kind::null && accepts_null(expected)) {
        return value();
    }
    if (expected.array) {
        return to_array(given, expected);
    }
    auto made = to_checked_scalar(given, expected);
    if (!made) {
        return std::move(made).error();
    }
    return std::visit(
        [](auto&& held) { return value(std::forward<decltype(held)>(held)); }, *std::move(made)
    );
}

} // namespace hyperterse::gateway
