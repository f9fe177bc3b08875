#include "http/response.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <functional>
#include <iterator>

namespace hyperterse::http {

namespace {

struct reason_row {
    unsigned status;
    std::string_view phrase;
};
constexpr std::array reasons{
    reason_row{200, "OK"},
    reason_row{304, "Not Modified"},
    reason_row{400, "Bad Request"},
    reason_row{401, "Unauthorized"},
    reason_row{403, "Forbidden"},
    reason_row{404, "Not Found"},
    reason_row{405, "Method Not Allowed"},
    reason_row{406, "Not Acceptable"},
    reason_row{408, "Request Timeout"},
    reason_row{409, "Conflict"},
    reason_row{413, "Content Too Large"},
    reason_row{414, "URI Too Long"},
    reason_row{415, "Unsupported Media Type"},
    reason_row{417, "Expectation Failed"},
    reason_row{429, "Too Many Requests"},
    reason_row{431, "Request Header Fields Too Large"},
    reason_row{500, "Internal Server Error"},
    reason_row{503, "Service Unavailable"},
    reason_row{504, "Gateway Timeout"},
};

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), written.ptr);
}

void append_framing(std::string& out, const response_head& head) {
    switch (head.framing) {
    case answer_framing::length:
        out += "Content-Length: ";
        append_number(out, head.content_length);
        out += "\r\n";
        return;
    case answer_framing::chunked:
        out += "Transfer-Encoding: chunked\r\n";
        return;
    case answer_framing::until_close:
    case answer_framing::no_body:
        return;
    }
}

void append_connection(std::string& out, connection_header connection) {
    switch (connection) {
    case connection_header::none:
        return;
    case connection_header::close:
        out += "Connection: close\r\n";
        return;
    case connection_header::keep_alive:
        out += "Connection: keep-alive\r\n";
        return;
    }
}

} // namespace

std::string_view reason(unsigned status) {
    const auto found = std::ranges::find(reasons, status, &reason_row::status);
    return found == reasons.end() ? "" : found->phrase;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

void append_head(std::string& out, const response_head& head) {
    out += "HTTP/1.1 ";
    append_number(out, head.status);
    out += ' ';
    out.append(reason(head.status)).append("\r\n");
    append_field(out, "Date", head.date);
    if (!head.content_type.empty()) {
        append_field(out, "Content-Type", head.content_type);
    }
    append_framing(out, head);
    append_connection(out, head.connection);
    append_field(out, "X-Request-Id", head.request_id);
    out += "X-Content-Type-Options: nosniff\r\n";
    out.append(head.fields).append("\r\n");
}

void append_error_body(
    std::string& out,
    std::string_view message,
    std::string_view code,
    std::string_view request_id,
    std::span<const field_problem> details
) {
    out += R"({"success":false,"error":)";
    append_json_string(out, message);
    out += R"(,"results":[],"code":)";
    append_json_string(out, code);
    out += R"(,"request_id":)";
    append_json_string(out, request_id);
    if (!details.empty()) {
        out += R"(,"details":)";
        char before = '[';
        for (const auto& [field, problem] : details) {
            out += before;
            before = ',';
            out += R"({"field":)";
            append_json_string(out, field);
            out += R"(,"message":)";
            append_json_string(out, problem);
            out += '}';
        }
        out += ']';
    }
    out += "}\n";
}

std::string entity_tag(std::string_view body, std::string_view suffix) {
    return fmt::format("\"{:016x}{}\"", std::hash<std::string_view>()(body), suffix);
}

bool matches_entity_tag(std::string_view if_none_match, std::string_view tag) {
    if (trim(if_none_match) == "*") {
        return true;
    }
    while (!if_none_match.empty()) {
        const std::size_t comma = std::min(if_none_match.find(','), if_none_match.size());
        std::string_view candidate = trim(if_none_match.substr(0, comma));
        if (candidate.starts_with("W/")) {
            candidate.remove_prefix(2);
        }
        if (candidate == tag) {
            return true;
        }
        if_none_match.remove_prefix(std::min(comma + 1, if_none_match.size()));
    }
    return false;
}

std::string_view date_clock::at(std::time_t now) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    if (now != shown_) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        text_.clear();
        fmt::format_to(
            std::back_inserter(text_),
            "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
            days[static_cast<std::size_t>(parts.tm_wday)],
            parts.tm_mday,
            months[static_cast<std::size_t>(parts.tm_mon)],
            parts.tm_year + 1900,
            parts.tm_hour,
            parts.tm_min,
            parts.tm_sec
        );
        shown_ = now;
    }
    return text_;
}

} // namespace hyperterse::http
