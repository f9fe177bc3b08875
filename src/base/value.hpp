#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hyperterse {

// The declared type of an input or of an output column. `choice` inputs are never bound: they select a
// statement.
enum class value_type : std::uint8_t {
    string,
    integer,
    floating,
    boolean,
    uuid,
    datetime,
    date,
    decimal,
    json,
    choice,
};

// The name as written in a configuration: string, int, float, boolean, uuid, datetime, date, decimal, json,
// choice.
std::string_view name(value_type type);
std::optional<value_type> parse_value_type(std::string_view name);

// One validated value to bind to a statement parameter. What the text of a std::string means (plain text,
// uuid, date, decimal digits, JSON) is said by the value_type of the parameter that it is bound to.
using scalar = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
using scalar_array = std::vector<scalar>;
using value = std::variant<std::monostate, bool, std::int64_t, double, std::string, scalar_array>;

inline bool is_null(const value& bound) {
    return std::holds_alternative<std::monostate>(bound);
}

} // namespace hyperterse
