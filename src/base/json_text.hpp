#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hyperterse {

// Appends `text` as a JSON string with its quotes (RFC 8259): control characters, quote and backslash are
// escaped, bytes that are not UTF-8 become U+FFFD, so that the output is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

// Appends all digits.
void append_json_number(std::string& out, std::int64_t number);

// Appends the shortest text that reads back as the same double, whole numbers without a fraction;
// not-a-number and the infinities, which JSON has no numbers for, as "NaN", "Infinity" and "-Infinity" with
// quotes.
void append_json_number(std::string& out, double number);

} // namespace hyperterse
