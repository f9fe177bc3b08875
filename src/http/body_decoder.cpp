#include "http/body_decoder.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>

namespace hyperterse::http {

namespace {

// All chunk extensions, trailers and leading zeros of chunk sizes of a body together.
constexpr std::size_t max_ignored = 8 * 1024;

// Keeps the arithmetic on chunk sizes far from overflow.
constexpr std::size_t max_limit = std::size_t{1} << 48;

std::optional<unsigned> hex_digit(char c) {
    if (is_digit(c)) {
        return static_cast<unsigned>(c - '0');
    }
    const char lower = to_lower(c);
    if (lower >= 'a' && lower <= 'f') {
        return static_cast<unsigned>(lower - 'a' + 10);
    }
    return std::nullopt;
}

} // namespace

body_decoder::body_decoder(const request& head, std::size_t limit) :
    remaining_(head.content_length), allowed_(std::min(limit, max_limit)), state_(state::complete) {
    if (head.framing == body_framing::chunked) {
        state_ = state::size_first;
    } else if (head.framing == body_framing::length) {
        state_ = head.content_length > limit ? refuse(refusals::body_too_large) : state::data;
    }
}

std::size_t body_decoder::put(std::string_view bytes, std::string& body) {
    std::size_t taken = 0;
    while (taken < bytes.size() && state_ != state::complete && state_ != state::refused) {
        if (state_ == state::data || state_ == state::chunk_data) {
            taken += take_data(bytes.substr(taken), body);
        } else {
            state_ = next(bytes[taken++]);
        }
    }
    return taken;
}

std::size_t body_decoder::take_data(std::string_view bytes, std::string& body) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
    body.append(bytes, 0, length);
    remaining_ -= length;
    if (remaining_ == 0) {
        state_ = state_ == state::data ? state::complete : state::chunk_end;
    }
    return length;
}

body_decoder::state body_decoder::next(char c) {
    switch (state_) {
    case state::size_first:
        remaining_ = 0;
        return hex_digit(c) ? size_digit(c) : refuse(refusals::bad_chunk);
    case state::size:
        return hex_digit(c) ? size_digit(c) : size_end(c);
    case state::extension:
        return ignored(c, state::extension, state::size_line_feed);
    case state::size_line_feed:
        if (c != '\n') {
            return refuse(refusals::bad_chunk);
        }
        return remaining_ > 0 ? state::chunk_data : state::trailer_first;
    case state::chunk_end:
        return c == '\r' ? state::chunk_line_feed : refuse(refusals::bad_chunk);
    case state::chunk_line_feed:
        return c == '\n' ? state::size_first : refuse(refusals::bad_chunk);
    case state::trailer_first:
        return c == '\r' ? state::last_line_feed : ignored(c, state::trailer, state::trailer_line_feed);
    case state::trailer:
        return ignored(c, state::trailer, state::trailer_line_feed);
    case state::trailer_line_feed:
        return c == '\n' ? state::trailer_first : refuse(refusals::bad_chunk);
    case state::last_line_feed:
        return c == '\n' ? state::complete : refuse(refusals::bad_chunk);
    case state::data:
    case state::chunk_data:
    case state::complete:
    case state::refused:
        break;
    }
    return state_;
}

body_decoder::state body_decoder::size_digit(char c) {
    if (remaining_ > allowed_) {
        return refuse(refusals::body_too_large);
    }
    const bool leading_zero = remaining_ == 0 && c == '0';
    if (leading_zero && ++ignored_ > max_ignored) {
        return refuse(refusals::bad_chunk);
    }
    remaining_ = remaining_ * 16 + *hex_digit(c);
    return state::size;
}

body_decoder::state body_decoder::size_end(char c) {
    if (remaining_ > allowed_) {
        return refuse(refusals::body_too_large);
    }
    allowed_ -= remaining_;
    if (c == '\r') {
        return state::size_line_feed;
    }
    return c == ';' ? state::extension : refuse(refusals::bad_chunk);
}

body_decoder::state body_decoder::ignored(char c, state same, state line_feed) {
    if (c == '\r') {
        return line_feed;
    }
    const bool control = static_cast<unsigned char>(c) < ' ' && c != '\t';
    if (control || ++ignored_ > max_ignored) {
        return refuse(control ? refusals::bad_chunk : refusals::header_too_large);
    }
    return same;
}

body_decoder::state body_decoder::refuse(const refusal& why) {
    refused_ = why;
    return state::refused;
}

} // namespace hyperterse::http
