#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "gateway/gateway.hpp"
#include "http/options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace hyperterse::http {

// Serves the gateway over HTTP/1.1. A connection lives its whole life on one worker.
class server {
public:
    virtual ~server() = default;

    // Binds at once; the error says which address and why. Raises the process's limit on file descriptors and
    // serves fewer connections than the options say where that is still too low. REQUIRES: at least one
    // worker; `through` outlives the sessions, that is until active_sessions() is 0 or the workers have
    // stopped.
    static result<std::unique_ptr<server>>
    listen(server_options options, gateway::gateway& through, std::span<asio::io_context* const> workers);

    // "127.0.0.1:8080", "[::1]:8080": with the real port when 0 was asked for.
    virtual std::string address() const = 0;
    virtual std::uint16_t port() const = 0;
    virtual std::optional<std::uint16_t> admin_port() const = 0;

    // Begins to accept. Call once.
    virtual void start() = 0;

    // Any thread: stops accepting, closes idle connections; active ones finish and answer `Connection:
    // close`.
    virtual void start_drain() = 0;
    // Any thread: requests stop on every running call and closes the sessions as they end.
    virtual void cancel_all() = 0;
    // Any thread. 0 after a drain: every session has ended.
    virtual std::size_t active_sessions() const = 0;
};

} // namespace hyperterse::http
