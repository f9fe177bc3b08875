#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hyperterse {

// ASCII only, independent of the locale.
constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool equals_ignoring_case(std::string_view left, std::string_view right);
std::string_view trim(std::string_view text);

// The length in bytes of the well-formed UTF-8 sequence at the start of `text` (RFC 3629: no overlong forms,
// no surrogates), or 0 if there is none.
std::size_t utf8_sequence_length(std::string_view text);
bool is_valid_utf8(std::string_view text);
// The number of code points. REQUIRES: valid UTF-8.
std::size_t utf8_length(std::string_view text);

// Levenshtein distance in bytes.
std::size_t edit_distance(std::string_view from, std::string_view to);

// "did you mean 'x'?" for the closest of `known` (edit distance at most a third of the length), else empty.
std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> known);

// "a, b, c"
std::string join(std::span<const std::string_view> parts, std::string_view separator = ", ");

} // namespace hyperterse
