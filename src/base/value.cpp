#include "base/value.hpp"

#include <array>
#include <utility>

namespace hyperterse {

namespace {

constexpr std::array<std::pair<value_type, std::string_view>, 10> value_type_names{{
    {value_type::string, "string"},
    {value_type::integer, "int"},
    {value_type::floating, "float"},
    {value_type::boolean, "boolean"},
    {value_type::uuid, "uuid"},
    {value_type::datetime, "datetime"},
    {value_type::date, "date"},
    {value_type::decimal, "decimal"},
    {value_type::json, "json"},
    {value_type::choice, "choice"},
}};

} // namespace

std::string_view name(value_type type) {
    return value_type_names[static_cast<std::size_t>(type)].second;
}

std::optional<value_type> parse_value_type(std::string_view wanted) {
    for (const auto& [type, text] : value_type_names) {
        if (text == wanted) {
            return type;
        }
    }
    return std::nullopt;
}

} // namespace hyperterse
