#include "adapter/postgres/arguments.hpp"

#include "adapter/postgres/literals.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <variant>

namespace hyperterse::adapter::postgres {

namespace {

// A number in the shortest form that reads back as the same.
class number_text {
public:
    explicit number_text(std::int64_t number) : text_(digits(number)) {}
    explicit number_text(double number) :
        text_(
            std::isfinite(number)    ? digits(number)
                : std::isnan(number) ? "NaN"
                : number > 0         ? "Infinity"
                                     : "-Infinity"
        ) {}
    number_text(const number_text&) = delete;
    number_text& operator=(const number_text&) = delete;

    std::string_view view() const { return text_; }

private:
    template <class Number>
    std::string_view digits(Number number) {
        const auto written = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number);
        return {digits_.data(), written.ptr};
    }

    std::array<char, 32> digits_;
    std::string_view text_;
};

const char* boolean_text(bool flag) {
    return flag ? "true" : "false";
}

struct append_element {
    std::string& literal;

    void operator()(std::monostate) const { literal += "NULL"; }
    void operator()(bool flag) const { literal += boolean_text(flag); }
    void operator()(std::int64_t number) const { literal += number_text(number).view(); }
    void operator()(double number) const { literal += number_text(number).view(); }
    void operator()(const std::string& text) const { append_array_element(literal, text); }
};

std::string array_literal(const scalar_array& items) {
    std::string literal = "{";
    for (const scalar& item : items) {
        literal += literal.size() > 1 ? "," : "";
        std::visit(append_element{literal}, item);
    }
    literal += '}';
    return literal;
}

// Turns an argument into the text that is sent; null for NULL. The text is in `bound`, or static.
struct to_text {
    value& bound;

    const char* operator()(std::monostate) const { return nullptr; }
    const char* operator()(bool flag) const { return boolean_text(flag); }
    const char* operator()(std::int64_t number) const {
        return keep(std::string(number_text(number).view()));
    }
    const char* operator()(double number) const { return keep(std::string(number_text(number).view())); }
    const char* operator()(const std::string& text) const { return text.c_str(); }
    const char* operator()(const scalar_array& items) const { return keep(array_literal(items)); }

    const char* keep(std::string text) const { return bound.emplace<std::string>(std::move(text)).c_str(); }
};

bool has_nul(const value& bound) {
    const auto* const text = std::get_if<std::string>(&bound);
    return text != nullptr && text->find('\0') != std::string::npos;
}

struct declared_row {
    value_type type;
    Oid oid;
    Oid array;
};
// OIDs of the server's pg_type.dat.
constexpr std::array declared_types{
    declared_row{value_type::string, 25, 1009},     // text
    declared_row{value_type::integer, 20, 1016},    // int8
    declared_row{value_type::floating, 701, 1022},  // float8
    declared_row{value_type::boolean, 16, 1000},    // bool
    declared_row{value_type::uuid, 2950, 2951},     // uuid
    declared_row{value_type::datetime, 1184, 1185}, // timestamptz
    declared_row{value_type::date, 1082, 1182},     // date
    declared_row{value_type::decimal, 1700, 1231},  // numeric
    declared_row{value_type::json, 114, 199},       // json
    declared_row{value_type::choice, 25, 1009},     // never bound
};
static_assert(
    [] {
        for (std::size_t index = 0; index < declared_types.size(); ++index) {
            if (static_cast<std::size_t>(declared_types[index].type) != index) {
                return false;
            }
        }
        return declared_types.size() == static_cast<std::size_t>(value_type::choice) + 1;
    }(),
    "declared_types has one row per value_type, in order"
);

} // namespace

result<bound_arguments> bound_arguments::bind(std::vector<value> arguments) {
    bound_arguments made;
    made.owned_ = std::move(arguments);
    made.texts_.reserve(made.owned_.size());
    for (value& argument : made.owned_) {
        made.texts_.push_back(std::visit(to_text{argument}, argument));
        if (has_nul(argument)) {
            return error(
                errc::invalid_input,
                public_message("a text value has a NUL character, which cannot be stored")
            );
        }
    }
    return made;
}

Oid declared_type(const statement::parameter& of) {
    const declared_row& row = declared_types[static_cast<std::size_t>(of.type)];
    return of.array ? row.array : row.oid;
}

} // namespace hyperterse::adapter::postgres
