#pragma once

#include "http/refusal.hpp"
#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hyperterse::http {

// Takes the body of one request out of the bytes of its connection, whatever the pieces they arrive in.
// Chunk extensions and trailers are read and ignored, within bounds.
class body_decoder {
public:
    // The decoded body may have `limit` bytes; a declared length over it is refused before the first byte.
    body_decoder(const request& head, std::size_t limit);

    // Appends to `body` what is the body's in `bytes`; returns how many bytes it took, fewer than all only
    // when the body is complete or refused.
    std::size_t put(std::string_view bytes, std::string& body);

    bool complete() const { return state_ == state::complete; }
    const std::optional<refusal>& refused() const { return refused_; }

private:
    // Where in RFC 9112 7.1 the next byte is.
    enum class state : std::uint8_t {
        data, // of a body with Content-Length
        size_first,
        size,
        extension,
        size_line_feed,
        chunk_data,
        chunk_end,
        chunk_line_feed,
        trailer_first,
        trailer,
        trailer_line_feed,
        last_line_feed,
        complete,
        refused,
    };

    std::size_t take_data(std::string_view bytes, std::string& body);
    state next(char c);
    state size_digit(char c);
    state size_end(char c);
    state ignored(char c, state same, state line_feed);
    state refuse(const refusal& why);

    std::uint64_t remaining_; // of the body, or of the chunk
    std::uint64_t allowed_;   // bytes that further chunks may have
    std::size_t ignored_ = 0; // bytes of extensions, trailers and leading zeros of sizes
    state state_;
    std::optional<refusal> refused_;
};

} // namespace hyperterse::http
