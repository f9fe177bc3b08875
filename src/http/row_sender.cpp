#include "http/row_sender.hpp"

#include "base/text.hpp"
#include "http/answer.hpp"
#include "http/negotiation.hpp"
#include "http/row_stream.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace hyperterse::http {

namespace {

using gateway::row_format;

constexpr std::size_t stream_above = 64 * 1024;
constexpr std::size_t gzip_above = 1024;

bool is_post(const exchange& answering) {
    return answering.asked.verb == method::post;
}

void append_caching(exchange& answering) {
    append_field(answering.fields, "Vary", "Accept, Accept-Encoding");
    append_field(answering.fields, "Cache-Control", is_post(answering) ? "no-store" : "no-cache");
}

// Whether the client has the answer of that tag already. A list header may come in several lines.
bool client_has(const request& asked, std::string_view tag) {
    return std::ranges::any_of(asked.headers, [tag](const header& each) {
        return equals_ignoring_case(each.name, "if-none-match") && matches_entity_tag(each.value, tag);
    });
}

task<void> send_not_modified(exchange& answering) {
    begin_answer(answering, 304, {.framing = answer_framing::no_body});
    std::array pieces{asio::const_buffer(asio::buffer(answering.out))};
    co_await transmit(answering, pieces);
}

// A complete, small result in answering.content.
task<void> send_buffered(exchange& answering, row_format format, const gateway::summary& said) {
    const bool zipped = answering.content.size() > gzip_above && accepts_gzip(answering.asked);
    append_caching(answering);
    if (said.truncated && format != row_format::json) {
        append_field(answering.fields, truncated_header, said.truncated_by);
    }
    if (!is_post(answering)) {
        const std::string tag = entity_tag(answering.content, zipped ? "-gzip" : "");
        append_field(answering.fields, "ETag", tag);
        if (client_has(answering.asked, tag)) {
            co_await send_not_modified(answering);
            co_return;
        }
    }
    if (!zipped) {
        co_await send(answering, 200, content_type(format), answering.content);
        co_return;
    }
    append_field(answering.fields, "Content-Encoding", "gzip");
    std::string compressed;
    auto gzip = answering.home.take_gzip();
    gzip->append(answering.content, gzip_stream::piece::last, compressed);
    answering.home.give_back(std::move(gzip));
    co_await send(answering, 200, content_type(format), compressed);
}

// What happens when the rows end early although the answer has begun: a chunked one is left without its last
// chunk; where only the end of the connection marks the end, that must not look like one.
void break_off(exchange& answering, const error& failure) {
    cut_off(answering, failure);
    answering.abandoned = !answering.asked.http_1_1;
}

// Without it, a part would pass for the whole.
error untold_truncation(const gateway::summary& said) {
    std::string message = "HTTP/1.0 has no way to say that the result is cut by ";
    message += said.truncated_by;
    return {errc::too_large, public_message{std::move(message)}};
}

} // namespace

task<result<void>> send_rows(exchange& answering, gateway::execution& rows, row_format format) {
    const auto encoder = gateway::make_row_encoder(format, rows.columns());
    std::unique_ptr<row_stream> stream; // once the result is too large to buffer
    encoder->begin(answering.content);
    for (;;) {
        answering.peer.resume_call();
        const auto batch = co_await rows.next();
        if (!batch && stream) {
            break_off(answering, batch.error());
            co_return result<void>();
        }
        if (!batch) {
            co_return batch.error();
        }
        if ((*batch)->empty()) {
            break;
        }
        encoder->rows(**batch, answering.content);
        answering.rows += (*batch)->row_count();
        if (answering.content.size() <= stream_above) {
            continue;
        }
        if (!stream) {
            append_caching(answering);
            stream = std::make_unique<row_stream>(answering, format);
        }
        const bool wanted = co_await stream->send_part();
        if (!wanted) {
            co_return result<void>();
        }
    }
    const gateway::summary& said = rows.done();
    if (said.truncated && stream && !stream->can_tell_truncation()) {
        break_off(answering, untold_truncation(said));
        co_return result<void>();
    }
    encoder->end(said, answering.content);
    if (stream) {
        co_await stream->send_end(said);
    } else {
        co_await send_buffered(answering, format, said);
    }
    co_return result<void>();
}

} // namespace hyperterse::http
