#include "adapter/sqlite/values.hpp"

#include "adapter/sqlite/json_check.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace hyperterse::adapter::sqlite {

namespace {

constexpr std::int64_t largest_exact_in_double = (std::int64_t{1} << 53) - 1;

struct rule_row {
    std::string_view declared;
    column_rule rule;
};
constexpr std::array rules_by_type{
    rule_row{"BOOLEAN", column_rule::boolean},
    rule_row{"BOOL", column_rule::boolean},
    rule_row{"JSON", column_rule::json},
    rule_row{"JSONB", column_rule::json},
};

// An optional sign, digits, optionally a point and digits; without what does not count: a plus, zeros in
// front and at the end of the fraction. Empty: not of that form.
std::optional<std::string> normalized_decimal(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string_view whole = text.substr(0, point);
    std::string_view fraction = text.substr(std::min(point + 1, text.size()));
    constexpr std::string_view digits = "0123456789";
    if ((whole.empty() && fraction.empty()) || whole.find_first_not_of(digits) != std::string_view::npos ||
        fraction.find_first_not_of(digits) != std::string_view::npos) {
        return std::nullopt;
    }
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    std::string normal(whole.empty() ? "0" : whole);
    if (!fraction.empty()) {
        normal.append(".").append(fraction);
    }
    return negative && normal != "0" ? "-" + normal : normal;
}

std::string shortest_fixed(double number) {
    // The longest fixed form of a double has 309 digits before the point or 17 after 324 zeros.
    std::array<char, 400> digits;
    const auto written =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
    return std::string(digits.data(), written.ptr);
}

void append_json_decimal(std::string& out, const std::string& text) {
    const auto number = exact_number(text);
    if (const auto* const whole = std::get_if<std::int64_t>(&number)) {
        append_json_number(out, *whole);
    } else if (const auto* const fraction = std::get_if<double>(&number)) {
        append_json_number(out, *fraction);
    } else {
        append_json_string(out, text);
    }
}

// With a fraction or an exponent, or json_each() would take a whole one as an integer.
void append_json_real(std::string& out, double number) {
    const std::size_t start = out.size();
    append_json_number(out, number);
    if (std::isfinite(number) && out.find_first_of(".e", start) == std::string::npos) {
        out += ".0";
    }
}

struct append_element {
    std::string& out;
    value_type type;

    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    void operator()(std::int64_t number) const { append_json_number(out, number); }
    void operator()(double number) const { append_json_real(out, number); }
    void operator()(const std::string& text) const {
        if (type == value_type::json) {
            out += text;
        } else if (type == value_type::decimal) {
            append_json_decimal(out, text);
        } else {
            append_json_string(out, text);
        }
    }
};

std::string json_array(const scalar_array& items, value_type type) {
    std::string text = "[";
    for (const scalar& item : items) {
        text += text.size() > 1 ? "," : "";
        std::visit(append_element{text, type}, item);
    }
    text += ']';
    return text;
}

struct bind_one {
    sqlite3_stmt* to;
    int index;
    value_type type;

    int operator()(std::monostate) const { return sqlite3_bind_null(to, index); }
    int operator()(bool flag) const { return sqlite3_bind_int64(to, index, flag ? 1 : 0); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(to, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(to, index, number); }
    int operator()(const std::string& text) const {
        if (type == value_type::decimal) {
            const auto number = exact_number(text);
            if (const auto* const whole = std::get_if<std::int64_t>(&number)) {
                return sqlite3_bind_int64(to, index, *whole);
            }
            if (const auto* const fraction = std::get_if<double>(&number)) {
                return sqlite3_bind_double(to, index, *fraction);
            }
        }
        return sqlite3_bind_text64(to, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(const scalar_array&) const { return SQLITE_MISUSE; }
};

std::string_view view(const void* bytes, int size) {
    return bytes == nullptr
        ? std::string_view()
        : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

cell integer_cell(std::int64_t number, column_rule rule, const cell_options& options, row_batch& batch) {
    if (rule == column_rule::boolean && (number == 0 || number == 1)) {
        return cell::of(number == 1);
    }
    const bool fits_double = number >= -largest_exact_in_double && number <= largest_exact_in_double;
    if (options.bigint_as_text && !fits_double) {
        std::string digits;
        append_json_number(digits, number);
        return cell::of(cell_kind::text, batch.copy(digits));
    }
    return cell::of(number);
}

cell read_cell(
    sqlite3_stmt* from, int index, column_rule rule, const cell_options& options, row_batch& batch
) {
    switch (sqlite3_column_type(from, index)) {
    case SQLITE_INTEGER:
        return integer_cell(sqlite3_column_int64(from, index), rule, options, batch);
    case SQLITE_FLOAT:
        return cell::of(sqlite3_column_double(from, index));
    case SQLITE_TEXT: {
        const auto* const text = sqlite3_column_text(from, index);
        const std::string_view read = view(text, sqlite3_column_bytes(from, index));
        const bool embedded = rule == column_rule::json && is_json(read);
        return cell::of(embedded ? cell_kind::json : cell_kind::text, batch.copy(read));
    }
    case SQLITE_BLOB: {
        const auto* const blob = sqlite3_column_blob(from, index);
        return cell::of(cell_kind::bytes, batch.copy(view(blob, sqlite3_column_bytes(from, index))));
    }
    default:
        return cell::null();
    }
}

} // namespace

column_rule rule_of(const char* declared) {
    if (declared == nullptr) {
        return column_rule::as_stored;
    }
    for (const auto& [name, rule] : rules_by_type) {
        if (equals_ignoring_case(declared, name)) {
            return rule;
        }
    }
    return column_rule::as_stored;
}

std::variant<std::monostate, std::int64_t, double> exact_number(std::string_view decimal) {
    const auto normal = normalized_decimal(decimal);
    if (!normal) {
        return {};
    }
    const char* const end = normal->data() + normal->size();
    std::int64_t whole = 0;
    if (const auto read = std::from_chars(normal->data(), end, whole);
        read.ptr == end && read.ec == std::errc()) {
        return whole;
    }
    double number = 0;
    const auto read = std::from_chars(normal->data(), end, number);
    if (read.ec == std::errc() && shortest_fixed(number) == *normal) {
        return number;
    }
    return {};
}

void encode_arrays(std::span<value> arguments, std::span<const statement::parameter> parameters) {
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        if (const auto* const items = std::get_if<scalar_array>(&arguments[index])) {
            arguments[index] = json_array(*items, parameters[index].type);
        }
    }
}

int bind_arguments(
    sqlite3_stmt* to, std::span<const value> arguments, std::span<const statement::parameter> parameters
) {
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        const statement::parameter& parameter = parameters[index];
        const value_type type = parameter.array ? value_type::string : parameter.type;
        const int code = std::visit(bind_one{to, static_cast<int>(index) + 1, type}, arguments[index]);
        if (code != SQLITE_OK) {
            return code;
        }
    }
    return SQLITE_OK;
}

void append_row(
    sqlite3_stmt* from, std::span<const column_rule> rules, const cell_options& options, row_batch& to
) {
    for (std::size_t index = 0; index < rules.size(); ++index) {
        to.push(read_cell(from, static_cast<int>(index), rules[index], options, to));
    }
}

} // namespace hyperterse::adapter::sqlite
