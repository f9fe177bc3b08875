#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <string_view>

namespace hyperterse::http {

enum class answer_framing : std::uint8_t {
    length,      // Content-Length
    chunked,     // HTTP/1.1 clients only
    until_close, // the end of the connection is the end of the body
    no_body,     // 304: neither body nor length
};

enum class connection_header : std::uint8_t { none, close, keep_alive };

struct response_head {
    unsigned status = 200;
    std::string_view content_type{}; // empty: no such header
    answer_framing framing = answer_framing::length;
    std::size_t content_length = 0;
    connection_header connection = connection_header::none;
    std::string_view date{};
    std::string_view request_id{};
    std::string_view fields{}; // further header lines, each with its line end
};

// Status line and headers, with the empty line.
void append_head(std::string& out, const response_head& head);

// `name: value` with line end. REQUIRES: no control characters in either.
void append_field(std::string& out, std::string_view name, std::string_view value);

// The body of every failure, with a line end.
void append_error_body(
    std::string& out,
    std::string_view message,
    std::string_view code,
    std::string_view request_id,
    std::span<const field_problem> details = {}
);

// The reason phrase of a status that this server sends.
std::string_view reason(unsigned status);

// A strong entity tag with its quotes: the same bytes, the same tag.
std::string entity_tag(std::string_view body, std::string_view suffix = {});

// Whether one If-None-Match header line names `tag`; weak comparison, RFC 9110 13.1.2.
bool matches_entity_tag(std::string_view if_none_match, std::string_view tag);

// The value of a Date header, RFC 9110 5.6.7, rendered once per second. One per worker.
class date_clock {
public:
    std::string_view at(std::time_t now);

private:
    std::time_t shown_ = -1;
    std::string text_;
};

} // namespace hyperterse::http
