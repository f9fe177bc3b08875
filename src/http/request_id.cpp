#include "http/request_id.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace hyperterse::http {

namespace {

constexpr std::size_t max_id = 128;
constexpr std::string_view crockford_base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool is_id_character(char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
}

bool is_lower_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

// The lowest 5 * count bits of `bits`, highest first.
void append_base32(std::string& out, std::uint64_t bits, int count) {
    for (int digit = count - 1; digit >= 0; --digit) {
        out += crockford_base32[(bits >> (5 * digit)) & 31];
    }
}

std::mt19937_64 seeded() {
    std::random_device entropy;
    std::seed_seq seed{entropy(), entropy(), entropy(), entropy()};
    return std::mt19937_64(seed);
}

} // namespace

bool is_sane_request_id(std::string_view id) {
    return !id.empty() && id.size() <= max_id && std::ranges::all_of(id, is_id_character);
}

request_id_source::request_id_source() : random_(seeded()) {}

void request_id_source::make(std::uint64_t milliseconds, std::string& out) {
    out.clear();
    append_base32(out, milliseconds, 10);
    append_base32(out, random_(), 8);
    append_base32(out, random_(), 8);
}

std::string_view trace_id(std::string_view traceparent) {
    constexpr std::size_t length = 55; // 00-<32>-<16>-<2>
    constexpr std::string_view nothing = "00000000000000000000000000000000";
    if (traceparent.size() < length || (traceparent.size() > length && traceparent[length] != '-')) {
        return {};
    }
    for (std::size_t at = 0; at < length; ++at) {
        const bool dash = at == 2 || at == 35 || at == 52;
        if (dash ? traceparent[at] != '-' : !is_lower_hex(traceparent[at])) {
            return {};
        }
    }
    const std::string_view version = traceparent.substr(0, 2);
    const std::string_view trace = traceparent.substr(3, 32);
    const std::string_view parent = traceparent.substr(36, 16);
    const bool known_length = version != "00" || traceparent.size() == length;
    const bool valid = version != "ff" && trace != nothing && parent != nothing.substr(0, 16) && known_length;
    return valid ? trace : std::string_view();
}

} // namespace hyperterse::http
