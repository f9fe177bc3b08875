#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hyperterse::http {

// Compresses a body in pieces (RFC 1952). Reusable after reset().
class gzip_stream {
public:
    gzip_stream();
    ~gzip_stream();

    // Begins a new body.
    void reset();

    enum class piece : std::uint8_t {
        more, // flushed, so that the reader can use what it has
        last,
    };
    // Appends the compressed form of `text` to `out`.
    void append(std::string_view text, piece which, std::string& out);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace hyperterse::http
