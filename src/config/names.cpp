#include "base/text.hpp"
#include "config/tables.hpp"

#include <algorithm>

namespace hyperterse::config {

namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_punctuation(char c) {
    return c == '_' || c == '-';
}

bool matches_lower(std::string_view name) {
    return !name.empty() && is_lower(name.front()) &&
        std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || is_punctuation(c); });
}

bool matches_mixed(std::string_view name) {
    return !name.empty() && is_alpha(name.front()) &&
        std::ranges::all_of(name, [](char c) { return is_alpha(c) || is_digit(c) || is_punctuation(c); });
}

} // namespace

const name_rule lower_name{
    .pattern = "^[a-z][a-z0-9_-]*$",
    .matches = matches_lower,
    .words = "must start with a lower-case letter and may have lower-case letters, digits, '-' and '_'",
};
const name_rule mixed_name{
    .pattern = "^[a-zA-Z][a-zA-Z0-9_-]*$",
    .matches = matches_mixed,
    .words = "must start with a letter and may have letters, digits, '-' and '_'",
};
const name_rule column_name{
    .pattern = "^.+$",
    .matches = [](std::string_view name) { return !name.empty(); },
    .words = "must not be empty",
};

} // namespace hyperterse::config
