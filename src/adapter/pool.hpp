#pragma once

#include "adapter/adapter.hpp"
#include "adapter/options.hpp"
#include "adapter/pool_state.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

#include <cstddef>
#include <memory>

namespace hyperterse::adapter {

// One session with a database, homed on the worker that opened it. Used by one caller at a time.
class connection {
public:
    virtual ~connection() = default;
    // False when it must not be used again: it broke, or a call that was cut short left replies unread. Asked
    // by the pool before it hands the connection out and when it comes back, on any worker.
    virtual bool usable() const noexcept = 0;
    // Ends the session; runs on the connection's worker, the destructor after it. Never blocks.
    virtual task<void> close() = 0;
};

// How a pool opens connections.
class connector {
public:
    virtual ~connector() = default;
    // Runs on the worker where the connection will be at home, within the connect time-out.
    virtual task<result<std::unique_ptr<connection>>> connect(call_context context) = 0;
};

class pool_core;

// The right to use one connection, which goes back to the pool when the lease dies, on any thread.
class lease {
public:
    lease() = default;
    lease(lease&& from) noexcept;
    lease& operator=(lease&& from) noexcept;
    ~lease();

    explicit operator bool() const { return core_ != nullptr; }
    // REQUIRES: the pool's connector makes `Connection`s.
    template <class Connection>
    Connection& as() const {
        return static_cast<Connection&>(*connection_);
    }
    // The worker on which the connection is at home.
    const executor& home() const;

private:
    friend class pool;
    lease(std::shared_ptr<pool_core> core, std::size_t slot);

    std::shared_ptr<pool_core> core_;
    std::size_t slot_ = 0;
    connection* connection_ = nullptr;
};

// A bounded set of connections, shared by all workers; pool_state says what it does. Stop it before it is
// destroyed. Leases and connects that are under way keep what they need alive.
class pool {
public:
    // `name` is for the log.
    pool(std::string_view name, const pool_options& options, std::unique_ptr<connector> opens);
    ~pool();

    // Opens min_connections and keeps them. Call once, on a worker that outlives the pool, before acquire().
    void start(const executor& worker);

    // A connection, if possible one at home on the caller's worker. errc::overloaded: none became free within
    // the acquire time-out; errc::unavailable: none could be opened, or the pool was stopped; errc::timeout
    // and errc::cancelled as the context says.
    task<result<lease>> acquire(call_context context, claim by = claim::ordinary);

    adapter_status status() const;
    // Somebody waits for a connection to be given back: who keeps one for several uses should do so.
    bool is_short_of_connections() const;

    // Stopped, and no connection is left, none being opened or closed either.
    bool drained() const;

    // Callers that wait fail. Returns when all connections have been closed, at the latest at `until`.
    task<void> stop(deadline until);

private:
    std::shared_ptr<pool_core> core_;
};

} // namespace hyperterse::adapter
