#pragma once

#include "base/value.hpp"
#include "gateway/inputs.hpp"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>

namespace hyperterse::gateway {

// By value as the type means it: numbers and decimals by magnitude, dates and datetimes in time, all else by
// its bytes. REQUIRES: both converted to `type`.
std::partial_ordering compare(value_type type, const scalar& left, const scalar& right);

// As it is shown in a message; a choice is its index.
std::string to_text(const scalar& shown);

// What is wrong with one value (or one element of an array), empty when it is within its bounds.
std::optional<std::string> violation(const constraints& bounds, value_type type, const scalar& checked);

// What is wrong with the number of elements of an array.
std::optional<std::string> item_count_violation(const constraints& bounds, std::size_t count);

} // namespace hyperterse::gateway
