#include "gateway/number_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace hyperterse::gateway {

namespace {

constexpr std::size_t max_decimal_digits = 1'000;
constexpr std::int64_t max_exponent =
    1'000'000'000; // beyond any text that is read; larger ones are held here

// value = (-1)^negative * whole.fraction * 10^exponent
struct number_parts {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
    std::int64_t exponent = 0;
};

std::string_view take_digits(std::string_view& text) {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const std::string_view digits(text.begin(), end);
    text.remove_prefix(digits.size());
    return digits;
}

bool take_sign(std::string_view& text) {
    if (text.empty() || (text.front() != '+' && text.front() != '-')) {
        return false;
    }
    const bool negative = text.front() == '-';
    text.remove_prefix(1);
    return negative;
}

std::int64_t clamped(std::string_view digits) {
    std::int64_t number = 0;
    for (const char digit : digits) {
        number = std::min(number * 10 + (digit - '0'), max_exponent);
    }
    return number;
}

std::optional<number_parts> split_number(std::string_view text) {
    number_parts parts;
    parts.negative = take_sign(text);
    parts.whole = take_digits(text);
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        parts.fraction = take_digits(text);
    }
    if (parts.whole.empty() && parts.fraction.empty()) {
        return std::nullopt;
    }
    if (!text.empty() && to_lower(text.front()) == 'e') {
        text.remove_prefix(1);
        const bool negative = take_sign(text);
        const std::string_view digits = take_digits(text);
        if (digits.empty()) {
            return std::nullopt;
        }
        parts.exponent = negative ? -clamped(digits) : clamped(digits);
    }
    return text.empty() ? std::optional(parts) : std::nullopt;
}

bool all_zeros(std::string_view digits) {
    return digits.find_first_not_of('0') == std::string_view::npos;
}

bool is_zero(const number_parts& parts) {
    return all_zeros(parts.whole) && all_zeros(parts.fraction);
}

std::string_view without_leading_zeros(std::string_view digits) {
    const std::size_t first = digits.find_first_not_of('0');
    return first == std::string_view::npos ? std::string_view("0") : digits.substr(first);
}

// The power of ten above the number's first digit that is not zero: 0 for 0.5, 1 for 5, 2 for 50.
// REQUIRES: not zero.
std::int64_t magnitude(const number_parts& parts) {
    const std::size_t first = parts.whole.find_first_not_of('0');
    const auto digits = first != std::string_view::npos
        ? static_cast<std::int64_t>(parts.whole.size() - first)
        : -static_cast<std::int64_t>(parts.fraction.find_first_not_of('0'));
    return digits + parts.exponent;
}

std::string plain_text(bool negative, std::string_view whole, std::string_view fraction) {
    std::string text = negative ? "-" : "";
    text += without_leading_zeros(whole);
    if (!fraction.empty()) {
        text += '.';
        text += fraction;
    }
    return text;
}

// REQUIRES: parts hold a bounded number of digits and exponent.
std::string plain_text(const number_parts& parts) {
    std::string digits(parts.whole);
    digits += parts.fraction;
    const std::int64_t point = static_cast<std::int64_t>(parts.whole.size()) + parts.exponent;
    if (point < 0) {
        digits.insert(0, static_cast<std::size_t>(-point), '0');
    }
    const std::size_t whole_digits = point < 0 ? 0 : static_cast<std::size_t>(point);
    if (whole_digits > digits.size()) {
        digits.append(whole_digits - digits.size(), '0');
    }
    const std::string_view all = digits;
    return plain_text(parts.negative, all.substr(0, whole_digits), all.substr(whole_digits));
}

std::strong_ordering compare_whole(std::string_view left, std::string_view right) {
    return left.size() != right.size() ? left.size() <=> right.size() : left <=> right;
}

std::string_view without_trailing_zeros(std::string_view digits) {
    return digits.substr(0, digits.find_last_not_of('0') + 1);
}

} // namespace

number_result<std::int64_t> read_digits(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.empty() || !is_digit(text.front())) {
            return number_fault::syntax;
        }
    }
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc::invalid_argument || end != text.data() + text.size()) {
        return number_fault::syntax;
    }
    if (failure == std::errc::result_out_of_range) {
        return number_fault::range;
    }
    return number;
}

number_result<std::int64_t> read_integral(std::string_view text) {
    auto plain = read_digits(text);
    if (std::get_if<std::int64_t>(&plain) != nullptr) {
        return plain;
    }
    const auto decimal = read_decimal(text);
    if (const auto* fault = std::get_if<number_fault>(&decimal)) {
        return *fault;
    }
    const std::string_view digits = std::get<std::string>(decimal);
    const std::size_t point = digits.find('.');
    if (point != std::string_view::npos && !all_zeros(digits.substr(point + 1))) {
        return number_fault::syntax;
    }
    return read_digits(digits.substr(0, point));
}

number_result<double> read_double(std::string_view text) {
    const auto parts = split_number(text);
    if (!parts) {
        return number_fault::syntax;
    }
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc{} && std::isfinite(number)) {
        return number;
    }
    return magnitude(*parts) <= 0 ? number_result<double>(parts->negative ? -0.0 : 0.0) : number_fault::range;
}

number_result<std::string> read_decimal(std::string_view text) {
    auto parts = split_number(text);
    if (!parts) {
        return number_fault::syntax;
    }
    if (is_zero(*parts)) {
        parts->exponent = 0;
        parts->negative = false;
    }
    const std::size_t digits = parts->whole.size() + parts->fraction.size();
    if (digits + static_cast<std::size_t>(std::abs(parts->exponent)) > max_decimal_digits) {
        return number_fault::range;
    }
    return plain_text(*parts);
}

std::strong_ordering compare_decimals(std::string_view left, std::string_view right) {
    const bool left_negative = left.starts_with('-');
    const bool right_negative = right.starts_with('-');
    if (left_negative != right_negative) {
        return left_negative ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    const number_parts a = split_number(left).value_or(number_parts{});
    const number_parts b = split_number(right).value_or(number_parts{});
    auto order = compare_whole(a.whole, b.whole);
    if (order == std::strong_ordering::equal) {
        order = without_trailing_zeros(a.fraction) <=> without_trailing_zeros(b.fraction);
    }
    return left_negative ? 0 <=> order : order;
}

} // namespace hyperterse::gateway
