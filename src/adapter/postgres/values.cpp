#include "adapter/postgres/values.hpp"

#include "adapter/cell_json.hpp"
#include "adapter/postgres/bytea.hpp"
#include "adapter/postgres/literals.hpp"
#include "adapter/postgres/times.hpp"
#include "base/json_text.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::int64_t largest_exact_in_double = (std::int64_t{1} << 53) - 1;
// The server's own limit.
constexpr unsigned max_dimensions = 6;

// Where a value is put together that the server's text is not a part of.
struct workspace {
    time_buffer time;
    std::string built;
};

cell text_cell(std::string_view text) {
    return cell::of(cell_kind::text, text);
}

template <class Number>
std::optional<Number> parse(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, number);
    return stop == end && code == std::errc() ? std::optional(number) : std::nullopt;
}

cell boolean_cell(std::string_view text) {
    return text == "t" ? cell::of(true) : text == "f" ? cell::of(false) : text_cell(text);
}

cell integer_cell(std::string_view text, const value_options& options) {
    const auto number = parse<std::int64_t>(text);
    const bool fits_double =
        number && *number >= -largest_exact_in_double && *number <= largest_exact_in_double;
    return !number || (options.bigint_as_text && !fits_double) ? text_cell(text) : cell::of(*number);
}

std::string_view take_digits(std::string_view& from) {
    const std::string_view digits = from.substr(0, from.find_first_not_of("0123456789"));
    from.remove_prefix(digits.size());
    return digits;
}

// Whether `text` is a number of JSON (RFC 8259), with an exponent as float8 has them.
bool is_json_number(std::string_view text) {
    text.remove_prefix(text.starts_with('-') ? 1 : 0);
    const std::string_view whole = take_digits(text);
    if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) {
        return false;
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (take_digits(text).empty()) {
            return false;
        }
    }
    if (text.starts_with('e')) {
        text.remove_prefix(1);
        text.remove_prefix(text.starts_with('+') || text.starts_with('-') ? 1 : 0);
        const std::size_t digits = take_digits(text).size();
        return digits >= 1 && digits <= 3 && text.empty();
    }
    return text.empty();
}

// The server's own digits; NaN and the infinities are text.
cell number_cell(std::string_view text) {
    return is_json_number(text) ? cell::of(cell_kind::decimal, text) : text_cell(text);
}

cell bytes_cell(std::string_view text, std::string& bytes) {
    return decode_bytea(text, bytes) ? cell::of(cell_kind::bytes, bytes) : text_cell(text);
}

// A value of neither array nor composite type. The cell points into `text` or `space`.
cell simple_cell(value_shape shape, std::string_view text, const value_options& options, workspace& space) {
    switch (shape) {
    case value_shape::boolean:
        return boolean_cell(text);
    case value_shape::integer:
        return integer_cell(text, options);
    case value_shape::floating:
        return number_cell(text);
    case value_shape::decimal:
        return options.decimals_as_text ? text_cell(text) : number_cell(text);
    case value_shape::json:
        return text.empty() ? text_cell(text) : cell::of(cell_kind::json, text);
    case value_shape::bytes:
        return bytes_cell(text, space.built);
    case value_shape::timestamp:
        return text_cell(iso_timestamp(text, space.time).value_or(text));
    case value_shape::timestamptz:
        return text_cell(utc_timestamp(text, space.time).value_or(text));
    case value_shape::timetz:
        return text_cell(iso_timetz(text, space.time).value_or(text));
    case value_shape::text:
    case value_shape::array:
    case value_shape::object:
        break;
    }
    return text_cell(text);
}

bool is_nested(value_shape shape) {
    return shape == value_shape::array || shape == value_shape::object;
}

// Writes arrays and composite values as JSON, and what they hold. However the types nest, the depth of the
// recursion is bounded by the logarithm of the text's size: quotes within quotes double with each level.
class json_writer {
public:
    json_writer(std::string& out, const value_options& options) : out_(out), options_(options) {}

    // False: `text` is not what the type says; what was appended is of no use. REQUIRES: is_nested().
    bool nested(const type_description& type, std::string_view text) {
        literal_reader from(text);
        return (type.shape == value_shape::array ? array(type, from) : object(type, from)) && from.at_end();
    }

private:
    bool array(const type_description& type, literal_reader& from) {
        return from.skip_bounds() && dimension(*type.element, from, 1);
    }

    bool dimension(const type_description& element, literal_reader& from, unsigned depth) {
        if (depth > max_dimensions || !from.take('{')) {
            return false;
        }
        out_ += '[';
        if (!from.is_at('}')) {
            do {
                const bool written =
                    from.is_at('{') ? dimension(element, from, depth + 1) : array_element(element, from);
                if (!written) {
                    return false;
                }
                out_ += ',';
            } while (from.take(element.delimiter));
            out_.pop_back();
        }
        out_ += ']';
        return from.take('}');
    }

    bool array_element(const type_description& type, literal_reader& from) {
        if (from.is_at('"')) {
            return quoted(type, from);
        }
        const char ends[] = {type.delimiter, '{', '}', '"', '\\'};
        const std::string_view text = from.take_until({ends, sizeof ends});
        if (text == "NULL") {
            out_ += "null";
        } else {
            value(type, text);
        }
        return !text.empty();
    }

    bool object(const type_description& type, literal_reader& from) {
        if (!from.take('(')) {
            return false;
        }
        out_ += '{';
        for (const auto& attribute : type.attributes) {
            const bool first = &attribute == &type.attributes.front();
            if (!first && !from.take(',')) {
                return false;
            }
            out_ += first ? "" : ",";
            out_ += attribute.key;
            out_ += ':';
            if (!attribute_value(*attribute.type, from)) {
                return false;
            }
        }
        out_ += '}';
        return from.take(')');
    }

    bool attribute_value(const type_description& type, literal_reader& from) {
        if (from.is_at('"')) {
            return quoted(type, from);
        }
        const std::string_view text = from.take_until(",()\"\\");
        if (text.empty()) {
            out_ += "null";
        } else {
            value(type, text);
        }
        return true;
    }

    bool quoted(const type_description& type, literal_reader& from) {
        std::string unescaped;
        const auto text = from.take_quoted(unescaped);
        if (text) {
            value(type, *text);
        }
        return text.has_value();
    }

    void value(const type_description& type, std::string_view text) {
        if (!is_nested(type.shape)) {
            workspace space;
            append_json(out_, simple_cell(type.shape, text, options_, space));
            return;
        }
        const std::size_t start = out_.size();
        if (!nested(type, text)) {
            out_.resize(start);
            append_json_string(out_, text);
        }
    }

    std::string& out_;
    const value_options& options_;
};

cell nested_cell(
    const type_description& type, std::string_view text, const value_options& options, row_batch& into
) {
    std::string built;
    built.reserve(text.size() + text.size() / 2);
    const bool written = json_writer(built, options).nested(type, text);
    return written ? cell::of(cell_kind::json, into.copy(built)) : text_cell(into.copy(text));
}

} // namespace

cell to_cell(
    const type_description& type, std::string_view server_text, const value_options& options, row_batch& into
) {
    if (is_nested(type.shape)) {
        return nested_cell(type, server_text, options, into);
    }
    workspace space;
    cell made = simple_cell(type.shape, server_text, options, space);
    if (!made.text.empty()) {
        made.text = into.copy(made.text);
    }
    return made;
}

} // namespace hyperterse::adapter::postgres
