#include "adapter/postgres/bytea.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace hyperterse::adapter::postgres {

namespace {

// -1: not a digit of that base.
constexpr int digit_value(char digit, int base) {
    const char lower = to_lower(digit);
    const int value = is_digit(lower) ? lower - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    return value < base ? value : -1;
}

// bytea_output = hex, after `\x`.
bool decode_hex(std::string_view digits, std::string& bytes) {
    bytes.reserve(digits.size() / 2);
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
        const int high = digit_value(digits[at], 16);
        const int low = digit_value(digits[at + 1], 16);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return digits.size() % 2 == 0;
}

// bytea_output = escape: `\\` is a backslash, `\ooo` a byte in octal.
bool decode_escapes(std::string_view text, std::string& bytes) {
    while (true) {
        const std::size_t plain = std::min(text.find('\\'), text.size());
        bytes.append(text, 0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            return true;
        }
        if (text.starts_with(R"(\\)")) {
            bytes += '\\';
            text.remove_prefix(2);
            continue;
        }
        int byte = 0;
        for (std::size_t index = 1; index <= 3; ++index) {
            const int digit = index < text.size() ? digit_value(text[index], 8) : -1;
            if (digit < 0) {
                return false;
            }
            byte = byte * 8 + digit;
        }
        if (byte > 0xFF) {
            return false;
        }
        bytes += static_cast<char>(byte);
        text.remove_prefix(4);
    }
}

} // namespace

bool decode_bytea(std::string_view text, std::string& bytes) {
    return text.starts_with(R"(\x)") ? decode_hex(text.substr(2), bytes) : decode_escapes(text, bytes);
}

} // namespace hyperterse::adapter::postgres
