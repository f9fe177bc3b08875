#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

namespace hyperterse::http {

namespace {

using boost::system::error_code;

constexpr std::size_t read_size = 4 * 1024;

// How long, and for how much, a client is listened to after the last answer.
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_bytes = 8 * 1024 * 1024;

constexpr auto as_result = asio::as_tuple(use_task);

// Takes `count` bytes off the front.
std::span<asio::const_buffer> without(std::span<asio::const_buffer> pieces, std::size_t count) {
    while (!pieces.empty() && count >= pieces.front().size()) {
        count -= pieces.front().size();
        pieces = pieces.subspan(1);
    }
    if (!pieces.empty()) {
        pieces.front() += count;
    }
    return pieces;
}

} // namespace

connection::connection(tcp_socket socket, std::size_t max_input) :
    socket_(std::move(socket)), input_(max_input) {
    error_code failure;
    socket_.non_blocking(true, failure);
    socket_.set_option(asio::ip::tcp::no_delay(true), failure);
    const auto peer = socket_.remote_endpoint(failure);
    if (!failure) {
        address_ = peer.address().to_string();
    }
}

void connection::expire() {
    timed_out_ = true;
    cancel();
}

void connection::cancel() {
    error_code failure;
    socket_.cancel(failure);
}

void connection::stop_call() {
    asio::post(socket_.get_executor(), [call = call_]() mutable { call.request_stop(); });
}

void connection::end() {
    ended_ = true;
    stop_call();
    cancel();
}

void connection::enter(phase next, steady_clock::time_point until) {
    phase_ = next;
    until_ = until;
    timed_out_ = false;
}

call_context connection::begin_call(deadline until) {
    if (call_.stop_requested() && !ended_) {
        call_ = std::stop_source();
    }
    resume_call();
    return {.until = until, .stop = call_.get_token()};
}

std::string_view connection::input() const {
    const auto bytes = input_.data();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
}

void connection::shrink_input() {
    if (input_.capacity() > read_size) {
        input_.shrink_to_fit();
    }
}

task<read_outcome> connection::read_some() {
    if (ended_) {
        co_return read_outcome::closed;
    }
    const std::size_t room = input_.max_size() - input_.size();
    const std::size_t free = input_.capacity() - input_.size();
    const auto space = input_.prepare(std::min(std::max(read_size, free), room));
    const auto [failure, received] = co_await socket_.async_read_some(space, as_result);
    input_.commit(received);
    if (timed_out_) {
        co_return read_outcome::timed_out;
    }
    co_return failure || ended_ ? read_outcome::closed : read_outcome::received;
}

bool connection::write_some(std::span<asio::const_buffer>& pieces) {
    error_code failure;
    const std::size_t written = socket_.write_some(pieces, failure);
    pieces = without(pieces, written);
    return !failure || failure == asio::error::would_block;
}

task<bool> connection::wait_until_writable() {
    if (ended_) {
        co_return false;
    }
    const auto [interrupted] = co_await socket_.async_wait(tcp_socket::wait_write, as_result);
    co_return !interrupted && !timed_out_ && !ended_;
}

task<void> connection::linger() {
    error_code failure;
    socket_.shutdown(tcp_socket::shutdown_send, failure);
    enter(phase::lingering, steady_clock::now() + linger_time);
    std::size_t heard = 0;
    while (!failure && heard < linger_bytes) {
        input_.clear();
        const read_outcome outcome = co_await read_some();
        if (outcome != read_outcome::received) {
            break;
        }
        heard += input_.size();
    }
}

void connection::reset() {
    error_code failure;
    socket_.set_option(asio::socket_base::linger(true, 0), failure);
    socket_.close(failure);
}

} // namespace hyperterse::http
