#include "http/row_stream.hpp"

#include "http/answer.hpp"
#include "http/negotiation.hpp"

#include <array>
#include <fmt/format.h>
#include <iterator>

namespace hyperterse::http {

row_stream::row_stream(exchange& answering, gateway::row_format format) :
    answering_(answering),
    chunked_(answering.asked.http_1_1),
    truncation_in_body_(format == gateway::row_format::json) {
    if (accepts_gzip(answering.asked)) {
        gzip_ = answering.home.take_gzip();
        append_field(answering.fields, "Content-Encoding", "gzip");
    }
    if (chunked_ && !truncation_in_body_) {
        append_field(answering.fields, "Trailer", truncated_header);
    }
    const auto framing = chunked_ ? answer_framing::chunked : answer_framing::until_close;
    begin_answer(answering, 200, {.content_type = content_type(format), .framing = framing});
}

row_stream::~row_stream() {
    if (gzip_) {
        answering_.home.give_back(std::move(gzip_));
    }
}

task<bool> row_stream::send_part() {
    const bool sent = co_await send(gzip_stream::piece::more, "");
    co_return sent&& answering_.asked.verb != method::head;
}

task<void> row_stream::send_end(const gateway::summary& said) {
    std::string end;
    if (chunked_) {
        end = "0\r\n";
        if (said.truncated && !truncation_in_body_) {
            append_field(end, truncated_header, said.truncated_by);
        }
        end += "\r\n";
    }
    co_await send(gzip_stream::piece::last, end);
}

std::string_view row_stream::compress(gzip_stream::piece which) {
    if (!gzip_) {
        return answering_.content;
    }
    compressed_.clear();
    gzip_->append(answering_.content, which, compressed_);
    return compressed_;
}

// answering_.out holds the head before the first part, and nothing after it.
task<bool> row_stream::send(gzip_stream::piece which, std::string_view end) {
    std::string_view part;
    std::string tail;
    if (answering_.asked.verb != method::head) {
        part = compress(which);
        if (chunked_ && !part.empty()) {
            fmt::format_to(std::back_inserter(answering_.out), "{:x}\r\n", part.size());
            tail = "\r\n";
        }
        tail += end;
    }
    std::array pieces{
        asio::const_buffer(asio::buffer(answering_.out)),
        asio::const_buffer(part.data(), part.size()),
        asio::const_buffer(asio::buffer(tail))
    };
    const bool sent = co_await transmit(answering_, pieces);
    answering_.bytes += part.size();
    answering_.out.clear();
    answering_.content.clear();
    co_return sent;
}

} // namespace hyperterse::http
