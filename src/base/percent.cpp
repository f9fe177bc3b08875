#include "base/percent.hpp"

#include <charconv>
#include <system_error>

namespace hyperterse {

std::optional<std::string> percent_decode(std::string_view text, plus_sign plus) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus == plus_sign::space) {
            decoded += ' ';
        } else if (text[at] == '%') {
            const std::string_view digits = text.substr(at + 1, 2);
            unsigned char byte = 0;
            const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
            if (digits.size() < 2 || read.ec != std::errc() || read.ptr != digits.data() + 2) {
                return std::nullopt;
            }
            decoded += static_cast<char>(byte);
            at += 2;
        } else {
            decoded += text[at];
        }
    }
    return decoded;
}

} // namespace hyperterse
