#include "http/worker.hpp"

#include "base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>

namespace hyperterse::http {

namespace {

using timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

// A disconnect is noticed, and a deadline kept, within this.
constexpr std::chrono::milliseconds tick_interval{50};

} // namespace

void worker::add(connection& joining) {
    connections_.push_back(joining);
    if (!watching_) {
        watching_ = true;
        asio::co_spawn(context_, watch(shared_from_this()), log_exception);
    }
}

task<void> worker::watch(std::shared_ptr<worker> self) {
    timer next(self->context_.get_executor());
    constexpr auto as_result = asio::as_tuple(use_task);
    while (!self->connections_.empty()) {
        next.expires_after(tick_interval);
        co_await next.async_wait(as_result);
        self->tick();
    }
    self->watching_ = false;
}

void worker::tick() {
    const auto now = steady_clock::now();
    polled_.clear();
    polled_connections_.clear();
    for (connection& each : connections_) {
        if (each.current() == phase::executing) {
            polled_.push_back({.fd = each.native_handle(), .events = POLLRDHUP, .revents = 0});
            polled_connections_.push_back(&each);
        } else if (now >= each.until()) {
            each.expire();
        }
    }
    if (polled_.empty() || ::poll(polled_.data(), polled_.size(), 0) <= 0) {
        return;
    }
    for (std::size_t index = 0; index < polled_.size(); ++index) {
        if ((polled_[index].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
            polled_connections_[index]->stop_call();
        }
    }
}

void worker::post_drain() {
    asio::post(context_, [self = shared_from_this()] { self->drain(); });
}

void worker::post_cancel() {
    asio::post(context_, [self = shared_from_this()] { self->cancel(); });
}

void worker::drain() {
    draining_ = true;
    for (connection& each : connections_) {
        if (each.current() == phase::idle) {
            each.cancel();
        }
    }
}

void worker::cancel() {
    draining_ = true;
    cancelled_ = true;
    for (connection& each : connections_) {
        each.end();
    }
}

std::string_view worker::date() {
    return date_.at(std::time(nullptr));
}

void worker::make_request_id(std::string& out) {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
    request_ids_.make(static_cast<std::uint64_t>(now), out);
}

std::unique_ptr<gzip_stream> worker::take_gzip() {
    if (!spare_gzip_) {
        return std::make_unique<gzip_stream>();
    }
    spare_gzip_->reset();
    return std::move(spare_gzip_);
}

void log_exception(std::exception_ptr thrown) {
    if (!thrown) {
        return;
    }
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& escaped) {
        log::error("http", "a session ended by an exception", {{"what", escaped.what()}});
    }
}

} // namespace hyperterse::http
