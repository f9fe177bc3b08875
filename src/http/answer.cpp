#include "http/answer.hpp"

#include "base/log.hpp"
#include "http/body_decoder.hpp"

#include <array>
#include <chrono>
#include <span>
#include <string>

namespace hyperterse::http {

namespace {

constexpr std::chrono::seconds usual_retry_after{1};

// Bytes of each buffer that one request leaves to the next: when that is there already, and when a client may
// let the connection idle.
constexpr std::size_t kept_busy = 128 * 1024;
constexpr std::size_t kept_idle = 4 * 1024;

// Empties a string or vector.
template <class Memory>
void forget(Memory& used, std::size_t kept) {
    used.clear();
    if (used.capacity() * sizeof(typename Memory::value_type) > kept) {
        used.shrink_to_fit();
    }
}

// Takes a body that nobody asked for off the input, when it is there already. False: some is still to come.
bool skip_body(exchange& answering) {
    if (answering.body_taken) {
        return true;
    }
    answering.body_taken = true;
    body_decoder decoder(answering.asked, answering.limits().request_body);
    answering.peer.consume(decoder.put(answering.peer.input(), answering.body));
    return decoder.complete();
}

connection_header connection_header_of(const exchange& answering) {
    if (!answering.keep_alive) {
        return connection_header::close;
    }
    return answering.asked.http_1_1 ? connection_header::none : connection_header::keep_alive;
}

void log_failure(const exchange& answering, const error& failure) {
    const bool ours = info(failure.code()).http_status >= 500;
    log::write(
        ours ? log::level::warn : log::level::info,
        answering.called == nullptr ? "http" : "query",
        failure.message(),
        {{"request_id", answering.request_id},
         {"query", answering.called == nullptr ? std::string_view("-") : answering.called->name},
         {"code", info(failure.code()).name},
         {"detail", failure.detail().for_log()}}
    );
}

// To a client that went away: nothing. When the process stops, the client is still there to be told.
task<void> send_cancelled(exchange& answering) {
    if (!answering.home.cancelled()) {
        answering.status = info(errc::cancelled).http_status;
        answering.abandoned = true;
        co_return;
    }
    const error stopping{errc::unavailable, public_message{"The server is shutting down"}};
    co_await send_error(answering, stopping);
}

} // namespace

void exchange::clear() {
    const bool idle = peer.input().empty();
    const std::size_t kept = idle ? kept_idle : kept_busy;
    asked.clear();
    forget(asked.text, kept);
    forget(asked.headers, kept);
    forget(body, kept);
    forget(content, kept);
    forget(fields, kept);
    forget(out, kept);
    if (idle) {
        peer.shrink_input();
    }
    request_id.clear();
    body_taken = false;
    keep_alive = false;
    abandoned = false;
    cut_off = false;
    status = 0;
    called = nullptr;
    rows = 0;
    bytes = 0;
}

void begin_answer(exchange& answering, unsigned status, response_head head) {
    const bool body_done = skip_body(answering);
    const bool reusable = head.framing != answer_framing::until_close;
    answering.keep_alive = answering.keep_alive && body_done && reusable && !answering.home.draining();
    answering.status = status;

    head.status = status;
    head.connection = connection_header_of(answering);
    head.date = answering.home.date();
    head.request_id = answering.request_id;
    head.fields = answering.fields;
    answering.out.clear();
    append_head(answering.out, head);
}

void cut_off(exchange& answering, const error& failure) {
    log::warn(
        answering.called == nullptr ? "http" : "query",
        "an answer was cut off: " + failure.message(),
        {{"request_id", answering.request_id},
         {"query", answering.called == nullptr ? std::string_view("-") : answering.called->name},
         {"code", info(failure.code()).name},
         {"detail", failure.detail().for_log()}}
    );
    answering.keep_alive = false;
    answering.cut_off = true;
}

task<bool> transmit(exchange& answering, std::span<asio::const_buffer> pieces) {
    connection& peer = answering.peer;
    peer.enter(phase::writing, steady_clock::now() + answering.limits().write_timeout);
    bool open = peer.write_some(pieces);
    while (open && !pieces.empty()) {
        open = co_await peer.wait_until_writable();
        open = open && peer.write_some(pieces);
    }
    if (!open && peer.timed_out()) {
        cut_off(answering, {errc::timeout, public_message{"the client did not read it in time"}});
    }
    answering.abandoned = !open;
    co_return open;
}

task<void> send(exchange& answering, unsigned status, std::string_view content_type, std::string_view body) {
    begin_answer(answering, status, {.content_type = content_type, .content_length = body.size()});
    if (answering.asked.verb == method::head) {
        body = {};
    }
    std::array pieces{
        asio::const_buffer(asio::buffer(answering.out)), asio::const_buffer(body.data(), body.size())
    };
    const bool sent = co_await transmit(answering, pieces);
    answering.bytes = sent ? body.size() : 0;
}

task<void> send_error(exchange& answering, const error& failure) {
    const errc_info& row = info(failure.code());
    if (failure.code() == errc::cancelled) {
        co_await send_cancelled(answering);
        co_return;
    }
    if (row.http_status >= 500 || !failure.detail().empty()) {
        log_failure(answering, failure);
    }
    const bool try_again = row.http_status == 503 || row.http_status == 429;
    if (try_again || failure.retry_after()) {
        const auto delay = failure.retry_after().value_or(usual_retry_after);
        append_field(answering.fields, "Retry-After", std::to_string(delay.count()));
    }
    append_field(answering.fields, "Cache-Control", "no-store");
    answering.content.clear();
    append_error_body(answering.content, failure.message(), row.name, answering.request_id, failure.fields());
    co_await send(answering, row.http_status, "application/json", answering.content);
}

task<void> refuse_method(exchange& answering, std::string_view allow) {
    append_field(answering.fields, "Allow", allow);
    const error refused{errc::method_not_allowed, public_message{"Method not allowed"}};
    co_await send_error(answering, refused);
}

task<void> send_refusal(exchange& answering, const refusal& why) {
    answering.keep_alive = false;
    answering.content.clear();
    append_error_body(answering.content, why.message, why.code, answering.request_id);
    co_await send(answering, why.status, "application/json", answering.content);
}

} // namespace hyperterse::http
