#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

// Exact reading of numbers from text, without a detour through double.
namespace hyperterse::gateway {

enum class number_fault : std::uint8_t {
    syntax, // not a number of the wanted kind
    range,  // a number that the type cannot hold
};

template <class T>
using number_result = std::variant<T, number_fault>;

// Decimal digits with an optional sign, nothing else.
number_result<std::int64_t> read_digits(std::string_view text);

// Any notation of an integral number: 5, 5.0, 1e3.
number_result<std::int64_t> read_integral(std::string_view text);

// A finite number in decimal notation: digits, fraction and exponent, either side of the point optional. One
// that is too small to hold is zero.
number_result<double> read_double(std::string_view text);

// The same notation as plain digits, without plus, exponent and superfluous leading zeros; the digits of the
// fraction are kept. number_fault::range: more than 1,000 digits.
number_result<std::string> read_decimal(std::string_view text);

// By value: 1.50 equals 1.5. REQUIRES: both from read_decimal().
std::strong_ordering compare_decimals(std::string_view left, std::string_view right);

} // namespace hyperterse::gateway
