#include "http/session.hpp"

#include "base/log.hpp"
#include "http/access_log.hpp"
#include "http/answer.hpp"
#include "http/reading.hpp"
#include "http/routes.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>

namespace hyperterse::http {

namespace {

// What may be buffered besides a head of the largest size.
constexpr std::size_t body_room = 16 * 1024;

void adopt_request_id(exchange& serving) {
    const std::string_view sent = serving.asked.find("x-request-id");
    if (is_sane_request_id(sent)) {
        serving.request_id = sent;
    } else {
        serving.home.make_request_id(serving.request_id);
    }
}

// The one place where an exception of a request ends.
task<void> answer_request(exchange& serving) {
    std::optional<error> thrown;
    try {
        co_await dispatch(serving);
    } catch (const std::exception& unexpected) {
        thrown.emplace(
            errc::internal, public_message{"Internal server error"}, private_detail{unexpected.what()}
        );
    }
    if (!thrown) {
        co_return;
    }
    serving.keep_alive = false;
    if (serving.status != 0) {
        log::error(
            "http",
            "an answer was cut off",
            {{"request_id", serving.request_id}, {"detail", thrown->detail().for_log()}}
        );
        serving.abandoned = true;
    } else {
        serving.fields.clear();
        co_await send_error(serving, *thrown);
    }
}

// Reads one request and answers it. False: the connection has to be closed.
task<bool> serve_next(exchange& serving) {
    serving.clear();
    const head_outcome head = co_await read_head(serving);
    if (!head.received && !head.refused) {
        co_return false;
    }
    serving.started = steady_clock::now();
    adopt_request_id(serving);
    if (head.refused) {
        co_await send_refusal(serving, *head.refused);
    } else {
        serving.keep_alive = serving.asked.keep_alive;
        co_await answer_request(serving);
    }
    log_access(serving);
    co_return serving.keep_alive && !serving.abandoned;
}

} // namespace

task<void> run_session(std::shared_ptr<worker> home, counted ticket, tcp_socket socket, listener_role role) {
    connection peer(std::move(socket), home->serving()->limits.request_header + body_room);
    home->add(peer);
    exchange serving{.peer = peer, .home = *home, .role = role};
    bool open = true;
    while (open) {
        open = co_await serve_next(serving);
    }
    if (serving.abandoned) {
        peer.reset();
    } else if (serving.status != 0) {
        co_await peer.linger();
    }
}

task<void> turn_away(std::shared_ptr<worker> home, counted ticket, tcp_socket socket) {
    connection peer(std::move(socket), body_room);
    home->add(peer);
    exchange refusing{.peer = peer, .home = *home, .role = listener_role::service};
    home->make_request_id(refusing.request_id);
    const error full{errc::overloaded, public_message{"Too many connections"}};
    co_await send_error(refusing, full);
    co_await peer.linger();
}

} // namespace hyperterse::http
