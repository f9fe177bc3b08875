#pragma once

#include "http/refusal.hpp"
#include "http/request.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace hyperterse::http {

inline constexpr std::size_t max_target = 8 * 1024;

// Finds the end of a request head in bytes that arrive in pieces, whatever the pieces. One per request.
class head_scanner {
public:
    // The head may have `limit` bytes, its line ends and an empty line before it included.
    explicit head_scanner(std::size_t limit) : limit_(limit) {}

    struct verdict {
        std::size_t length = 0;           // of the complete head; 0: more bytes are needed
        std::optional<refusal> refused{}; // no further bytes can make it a request
    };

    // REQUIRES: `bytes` begins with the bytes of the call before.
    verdict scan(std::string_view bytes);

private:
    std::size_t limit_;
    std::size_t first_line_ = 0; // behind an empty line, which RFC 9112 2.2 lets a server skip
    std::size_t line_ = 0;       // where the current line begins
    std::size_t scanned_ = 0;
};

// Reads a complete head, as found by head_scanner, into `read`, and checks its framing.
std::optional<refusal> parse_head(std::string_view head, request& read);

} // namespace hyperterse::http
