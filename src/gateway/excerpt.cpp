#include "gateway/excerpt.hpp"

namespace hyperterse::gateway {

namespace {

constexpr std::size_t max_bytes = 100;

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

} // namespace

std::string excerpt(std::string_view text) {
    if (text.size() <= max_bytes) {
        return std::string(text);
    }
    std::size_t end = max_bytes;
    while (end > max_bytes - 4 && is_continuation(text[end])) {
        --end;
    }
    return std::string(text.substr(0, end)) + "…";
}

} // namespace hyperterse::gateway
