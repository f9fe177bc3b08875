#pragma once

#include "base/deadline.hpp"
#include "base/task.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace hyperterse::http {

using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;

// What a connection waits for: the watchdog ends every phase at its deadline but `executing`, which has the
// call's own; there it looks for clients that have gone away.
enum class phase : std::uint8_t { idle, head, body, executing, writing, lingering };

enum class read_outcome : std::uint8_t {
    received,
    timed_out, // the phase's deadline passed
    closed,    // by the client, by a drain, or broken
};

using connection_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// One client's socket with its one input buffer, its phase, and the way to stop its call. Used by one
// coroutine, on one worker; no operation is pending when that coroutine does not wait for it.
class connection : public connection_hook {
public:
    // At most `max_input` bytes are buffered.
    connection(tcp_socket socket, std::size_t max_input);

    phase current() const { return phase_; }
    steady_clock::time_point until() const { return until_; }
    int native_handle() { return socket_.native_handle(); }
    const std::string& address() const { return address_; } // the client's, without port

    // Whether the phase's deadline passed.
    bool timed_out() const { return timed_out_; }

    // For the watchdog: ends the pending operation, as timed out.
    void expire();
    // Ends the pending operation, as closed; not one that is about to complete.
    void cancel();
    // Requests stop on the call. Its callbacks run later, from the event loop.
    void stop_call();
    // All of it, and for good: what is pending, and what would wait later. What can be written at once still
    // is.
    void end();

    void enter(phase next, steady_clock::time_point until);
    // For a gateway call: `until` passes to it, stop_call() reaches it.
    call_context begin_call(deadline until);
    // Back to the call, after writing some of its answer.
    void resume_call() { enter(phase::executing, steady_clock::time_point::max()); }

    std::string_view input() const;
    void consume(std::size_t count) { input_.consume(count); }
    std::size_t input_capacity() const { return input_.capacity(); }
    // Gives back memory that the input grew by. REQUIRES: it is empty.
    void shrink_input();
    // Appends what arrives to the input. REQUIRES: room for a byte.
    task<read_outcome> read_some();

    // Writes what the socket takes at once, in one system call; `pieces` becomes the rest. False: the client
    // is gone.
    bool write_some(std::span<asio::const_buffer>& pieces);
    // Until it takes more. False: the client is gone, or the phase's deadline passed.
    task<bool> wait_until_writable();

    // Closes so that the client can still read the answer: sends the end, then reads on for a moment.
    task<void> linger();
    // Closes at once; a client that still reads sees an error, not an end.
    void reset();

private:
    tcp_socket socket_;
    boost::beast::flat_buffer input_;
    std::string address_;
    phase phase_ = phase::idle;
    bool timed_out_ = false;
    bool ended_ = false;
    steady_clock::time_point until_ = steady_clock::time_point::max();
    std::stop_source call_;
};

} // namespace hyperterse::http
