#include "http/reading.hpp"

#include "http/answer.hpp"
#include "http/body_decoder.hpp"
#include "http/request_parser.hpp"

#include <array>
#include <string_view>

namespace hyperterse::http {

namespace {

constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

// False: the client is gone.
task<bool> invite_body(exchange& reading) {
    std::array pieces{asio::const_buffer(continue_head.data(), continue_head.size())};
    const bool sent = co_await transmit(reading, pieces);
    co_return sent;
}

} // namespace

task<head_outcome> read_head(exchange& reading) {
    connection& peer = reading.peer;
    const server_limits& limits = reading.limits();
    head_scanner scanner(limits.request_header);
    if (peer.input().empty()) {
        if (reading.home.draining()) {
            co_return head_outcome{};
        }
        peer.enter(phase::idle, steady_clock::now() + limits.idle_timeout);
        const read_outcome first = co_await peer.read_some();
        if (first != read_outcome::received) {
            co_return head_outcome{};
        }
    }
    for (;;) {
        const head_scanner::verdict found = scanner.scan(peer.input());
        if (found.refused) {
            co_return head_outcome{.refused = found.refused};
        }
        if (found.length > 0) {
            const auto refused = parse_head(peer.input().substr(0, found.length), reading.asked);
            peer.consume(found.length);
            co_return head_outcome{.received = !refused, .refused = refused};
        }
        if (peer.current() != phase::head) {
            peer.enter(phase::head, steady_clock::now() + limits.header_timeout);
        }
        const read_outcome more = co_await peer.read_some();
        if (more == read_outcome::timed_out) {
            co_return head_outcome{.refused = refusals::slow_header};
        }
        if (more == read_outcome::closed) {
            co_return head_outcome{};
        }
    }
}

task<bool> receive_body(exchange& reading) {
    connection& peer = reading.peer;
    reading.body_taken = true;
    body_decoder decoder(reading.asked, reading.limits().request_body);
    if (reading.asked.expects_continue && !decoder.complete() && !decoder.refused() && peer.input().empty()) {
        const bool invited = co_await invite_body(reading);
        if (!invited) {
            co_return false;
        }
    }
    peer.enter(phase::body, steady_clock::now() + reading.limits().body_timeout);
    for (;;) {
        peer.consume(decoder.put(peer.input(), reading.body));
        if (decoder.complete()) {
            co_return true;
        }
        if (decoder.refused()) {
            co_await send_refusal(reading, *decoder.refused());
            co_return false;
        }
        const read_outcome more = co_await peer.read_some();
        if (more == read_outcome::timed_out) {
            co_await send_refusal(reading, refusals::slow_body);
            co_return false;
        }
        if (more == read_outcome::closed) {
            reading.abandoned = true;
            co_return false;
        }
    }
}

} // namespace hyperterse::http
