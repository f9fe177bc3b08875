#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::http {

enum class method : std::uint8_t { get, head, post, other };

enum class body_framing : std::uint8_t { none, length, chunked };

struct header {
    std::string_view name; // as sent; names differ only in case
    std::string_view value;
};

// The head of one request. Reused: its memory serves every request of a connection. The views point into
// `text`.
struct request {
    std::string text; // request line and headers, as received
    method verb = method::other;
    std::string_view verb_name;
    std::string_view path;  // still percent-encoded
    std::string_view query; // behind the first '?', still percent-encoded
    bool http_1_1 = true;
    bool keep_alive = true;
    std::vector<header> headers;

    body_framing framing = body_framing::none;
    std::uint64_t content_length = 0; // of framing length
    bool expects_continue = false;

    // Forgets everything but keeps the memory.
    void clear();

    // The value of the first header of that name; empty when there is none.
    std::string_view find(std::string_view name) const;
};

} // namespace hyperterse::http
