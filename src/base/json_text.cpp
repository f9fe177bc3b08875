#include "base/json_text.hpp"

#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace hyperterse {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

// For each byte: 0 copy it, 'u' write \u00XX, '8' start of a multi-byte sequence, else the letter after a
// backslash.
constexpr auto escapes = [] {
    std::array<char, 256> table{};
    for (std::size_t byte = 0; byte < 0x20; ++byte) {
        table[byte] = 'u';
    }
    for (std::size_t byte = 0x80; byte < 0x100; ++byte) {
        table[byte] = '8';
    }
    table['"'] = '"';
    table['\\'] = '\\';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    return table;
}();

char escape_of(char c) {
    return escapes[static_cast<unsigned char>(c)];
}

// Whether eight bytes are ASCII without control characters, quotes and backslashes. Subtracting from all
// eight at once sets the high bit of the first byte that is too small, and of none when none is
// (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord).
bool is_plain(const char* eight) {
    constexpr std::uint64_t each_byte = 0x0101'0101'0101'0101;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, sizeof bytes);
    const std::uint64_t below_space = bytes - each_byte * ' ';
    const std::uint64_t quote = (bytes ^ each_byte * '"') - each_byte;
    const std::uint64_t backslash = (bytes ^ each_byte * '\\') - each_byte;
    return ((bytes | below_space | quote | backslash) & each_byte * 0x80) == 0;
}

template <class Number>
void append_digits(std::string& out, Number number) {
    std::array<char, 32> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), written.ptr);
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text.size() - at >= 8 && is_plain(text.data() + at)) {
            at += 8;
            continue;
        }
        const char escape = escape_of(text[at]);
        if (escape == 0) {
            ++at;
            continue;
        }
        if (escape == '8') {
            if (const std::size_t length = utf8_sequence_length(text.substr(at)); length > 0) {
                at += length;
                continue;
            }
        }
        out.append(text, copied, at - copied);
        if (escape == '8') {
            out += "\xEF\xBF\xBD";
        } else if (escape == 'u') {
            out += "\\u00";
            out += hex_digits[static_cast<unsigned char>(text[at]) >> 4];
            out += hex_digits[static_cast<unsigned char>(text[at]) & 0xF];
        } else {
            out += '\\';
            out += escape;
        }
        copied = ++at;
    }
    out.append(text, copied);
    out += '"';
}

void append_json_number(std::string& out, std::int64_t number) {
    append_digits(out, number);
}

void append_json_number(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "\"NaN\"";
    } else if (std::isinf(number)) {
        out += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    } else {
        append_digits(out, number);
    }
}

} // namespace hyperterse
