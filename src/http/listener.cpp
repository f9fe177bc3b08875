#include "http/listener.hpp"

#include "base/log.hpp"
#include "http/session.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace hyperterse::http {

namespace {

using asio::ip::tcp;
using boost::system::error_code;
using timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

// After accept() failed for want of descriptors or memory.
constexpr std::chrono::milliseconds back_off{100};

// Before the loop of the first worker gets on with its own connections.
constexpr std::size_t accepted_at_once = 64;

// More clients than this at a time are closed without being told that there are too many.
constexpr std::size_t max_turned_away = 256;

// The admin listener has a bound of its own: probes are answered however full the service is.
constexpr std::size_t max_admin_connections = 256;

error cannot_listen(const listen_options& where, const error_code& why) {
    std::string reason = why.message();
    if (why == asio::error::address_in_use) {
        reason = "the port is in use";
    } else if (why == asio::error::access_denied) {
        reason = "no permission to use this port";
    } else if (why == asio::error::host_not_found || why == asio::error::host_not_found_try_again) {
        reason = "no such host";
    }
    const bool six = where.host.find(':') != std::string::npos;
    std::string message = fmt::format(
        fmt::runtime(six ? "cannot listen on [{}]:{}: {}" : "cannot listen on {}:{}: {}"),
        where.host,
        where.port,
        reason
    );
    return {errc::unavailable, public_message{message}, private_detail{message}};
}

// The steps until the socket listens, each with its failure.
using acceptor = asio::basic_socket_acceptor<tcp, executor>;
using listen_step = void (*)(acceptor& bound, const tcp::endpoint& local, error_code& failure);

constexpr std::array<listen_step, 6> listen_steps{
    [](acceptor& bound, const tcp::endpoint& local, error_code& failure) {
        bound.open(local.protocol(), failure);
    },
    [](acceptor& bound, const tcp::endpoint&, error_code& failure) {
        bound.set_option(asio::socket_base::reuse_address(true), failure);
    },
    [](acceptor& bound, const tcp::endpoint& local, error_code& failure) {
        if (local.address().is_v6() && local.address().is_unspecified()) {
            bound.set_option(asio::ip::v6_only(false), failure);
        }
    },
    [](acceptor& bound, const tcp::endpoint& local, error_code& failure) { bound.bind(local, failure); },
    [](acceptor& bound, const tcp::endpoint&, error_code& failure) {
        bound.listen(asio::socket_base::max_listen_connections, failure);
    },
    [](acceptor& bound, const tcp::endpoint&, error_code& failure) { bound.non_blocking(true, failure); },
};

acceptor listen_on(const tcp::endpoint& local, asio::io_context& context, error_code& failure) {
    acceptor bound(context.get_executor());
    for (const listen_step step : listen_steps) {
        step(bound, local, failure);
        if (failure) {
            break;
        }
    }
    return bound;
}

// IPv4 first: what most people mean by a name such as localhost.
std::vector<tcp::endpoint>
resolve(const listen_options& where, asio::io_context& context, error_code& failure) {
    asio::ip::basic_resolver<tcp, executor> resolver(context.get_executor());
    const auto found =
        resolver.resolve(where.host, std::to_string(where.port), tcp::resolver::passive, failure);
    std::vector<tcp::endpoint> endpoints;
    for (const bool six : {false, true}) {
        for (const auto& each : found) {
            if (each.endpoint().address().is_v6() == six) {
                endpoints.push_back(each.endpoint());
            }
        }
    }
    return endpoints;
}

} // namespace

listener::listener(acceptor bound, listener_role role, std::vector<std::shared_ptr<worker>> workers) :
    acceptor_(std::move(bound)), role_(role), workers_(std::move(workers)) {
    local_ = acceptor_.local_endpoint();
}

result<std::shared_ptr<listener>> listener::bind(
    const listen_options& where, listener_role role, std::vector<std::shared_ptr<worker>> workers
) {
    asio::io_context& context = workers.front()->context();
    error_code failure;
    for (const tcp::endpoint& local : resolve(where, context, failure)) {
        acceptor bound = listen_on(local, context, failure);
        if (!failure) {
            return std::shared_ptr<listener>(new listener(std::move(bound), role, std::move(workers)));
        }
    }
    return cannot_listen(where, failure);
}

void listener::start() {
    asio::co_spawn(acceptor_.get_executor(), accept_all(shared_from_this()), log_exception);
}

void listener::post_close() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
        error_code failure;
        self->acceptor_.close(failure);
    });
}

task<void> listener::accept_all(std::shared_ptr<listener> self) {
    constexpr auto as_result = asio::as_tuple(use_task);
    timer pause(self->acceptor_.get_executor());
    while (self->acceptor_.is_open()) {
        const auto [closed] = co_await self->acceptor_.async_wait(acceptor::wait_read, as_result);
        if (closed) {
            continue;
        }
        const error_code failure = self->accept_waiting();
        if (failure) {
            log::warn("http", "cannot accept a connection", {{"reason", failure.message()}});
            pause.expires_after(back_off);
            co_await pause.async_wait(as_result);
        }
    }
}

// Deals the clients that wait. What went wrong other than that there are no more, if anything did. A socket
// is made only for a client that is there: one that waited here for a client could outlive its worker.
error_code listener::accept_waiting() {
    for (std::size_t accepted = 0; accepted < accepted_at_once; ++accepted) {
        const std::shared_ptr<worker>& home = workers_[turn_ % workers_.size()];
        error_code failure;
        tcp_socket socket = acceptor_.accept(home->context(), failure);
        if (failure == asio::error::would_block) {
            break;
        }
        if (failure && failure != asio::error::connection_aborted) {
            return failure;
        }
        if (!failure) {
            deal(std::move(socket), home);
            ++turn_;
        }
    }
    return {};
}

void listener::deal(tcp_socket socket, const std::shared_ptr<worker>& home) {
    const auto& shared = home->serving();
    const bool admin = role_ == listener_role::admin;
    const std::size_t limit = admin ? max_admin_connections : shared->limits.connections;
    counted ticket(shared, admin ? &server_state::admin_sessions : &server_state::service_sessions);
    if (ticket.others() < limit) {
        asio::co_spawn(
            home->context(), run_session(home, std::move(ticket), std::move(socket), role_), log_exception
        );
        return;
    }
    counted away(shared, &server_state::turned_away);
    if (away.others() < max_turned_away) {
        asio::co_spawn(home->context(), turn_away(home, std::move(away), std::move(socket)), log_exception);
    }
}

} // namespace hyperterse::http
