#include "http/query_string.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace hyperterse::http {

namespace {

error malformed(std::string_view what) {
    return {errc::invalid_request, public_message{"Invalid query string: " + std::string(what)}};
}

} // namespace

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

result<gateway::text_inputs> parse_query_string(std::string_view query) {
    gateway::text_inputs pairs;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty()) {
            continue;
        }
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), plus_sign::space);
        auto text = percent_decode(pair.substr(std::min(equals + 1, pair.size())), plus_sign::space);
        if (!name || !text) {
            return malformed("'%' without two hexadecimal digits");
        }
        for (const std::string& part : {*name, *text}) {
            if (!is_valid_utf8(part) || part.find('\0') != std::string::npos) {
                return malformed("not UTF-8 text");
            }
        }
        pairs.emplace_back(std::move(*name), std::move(*text));
    }
    return pairs;
}

} // namespace hyperterse::http
