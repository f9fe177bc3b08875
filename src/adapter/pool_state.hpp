#pragma once

#include "adapter/options.hpp"
#include "base/deadline.hpp"

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

// The decisions of a connection pool, without clocks, threads or input and output: an event and the time go
// in, what has to be done comes out.
namespace hyperterse::adapter {

using slot_id = std::size_t;   // a place for one connection, below max_connections
using worker_id = std::size_t; // where a connection lives or a caller runs
using waiter_id = std::uint64_t;

struct pool_action {
    enum class kind : std::uint8_t {
        give,    // `slot` to `waiter`
        fail,    // `waiter`: the database is unavailable, or the pool has stopped
        connect, // open a connection for `slot` on `worker`; answer with connected() or connect_failed()
        close,   // the connection of `slot`; answer with closed()
    };
    kind what;
    slot_id slot = 0;
    waiter_id waiter = 0;
    worker_id worker = 0;
    friend bool operator==(const pool_action&, const pool_action&) = default;
};

// In the order in which they have to be done.
using pool_actions = boost::container::small_vector<pool_action, 4>;

// What became of a connection that was in use.
enum class connection_fate : std::uint8_t { reusable, broken };

// Whether a caller may have one of the reserved connections; then it is also served before others.
enum class claim : std::uint8_t { ordinary, reserved };

// Connections are handed out exactly: never more than max_connections at once, in the whole process, the
// closing ones included; callers of a claim are served in the order of their arrival. After a failed connect
// the next is tried one at a time, after a delay that doubles from 100 ms to 1 s; while it lasts and no
// connection is alive, callers fail at once instead of waiting.
class pool_state {
public:
    using time_point = steady_clock::time_point;

    explicit pool_state(const pool_options& options);

    // Opens min_connections. `worker` is also where later ones are opened that nobody waits for.
    pool_actions start(worker_id worker, time_point now);
    // REQUIRES: `waiter` does not wait.
    pool_actions acquire(waiter_id waiter, worker_id worker, time_point now, claim by = claim::ordinary);
    // The waiter gave up. False: it does not wait, since it was given a connection or failed before.
    bool forget(waiter_id waiter);
    // REQUIRES: the slot was given.
    pool_actions release(slot_id slot, connection_fate fate, time_point now);

    // Answers to connect and close. `jitter` in [0, 1) spreads the retries of many processes.
    pool_actions connected(slot_id slot, time_point now);
    pool_actions connect_failed(slot_id slot, double jitter, time_point now);
    pool_actions closed(slot_id slot, time_point now);

    // Retires idle connections and retries failed connects that are due.
    pool_actions tick(time_point now);
    // When tick() has something to do; later events may make it earlier.
    std::optional<time_point> next_tick() const;

    // Closes every connection, those in use as they come back. Who waits, or comes later, fails.
    pool_actions stop(time_point now);

    std::size_t in_use() const { return count(phase::in_use); }
    std::size_t idle() const { return idle_.size(); }
    std::size_t waiting() const { return waiters_.size(); }
    // A caller could be served by a connection that came back, and by none that is being opened.
    bool is_short_of_connections() const;
    // After stop(): no connection is left.
    bool drained() const { return stopped_ && count(phase::vacant) == slots_.size(); }
    // False after a failed connect until a connection lives, and after stop().
    bool available() const { return !stopped_ && (failures_ == 0 || alive() > 0); }
    // When the next connect may be tried; meaningful while not available.
    time_point retry_at() const { return retry_at_; }

private:
    enum class phase : std::uint8_t { vacant, connecting, idle, in_use, closing };
    struct slot {
        phase now = phase::vacant;
        worker_id worker = 0;
        claim by = claim::ordinary; // who uses it
        time_point opened{};
        time_point idle_since{};
    };
    struct waiter {
        waiter_id id;
        worker_id worker;
        claim by;
    };

    std::size_t count(phase wanted) const;
    std::size_t alive() const { return idle_.size() + in_use(); }
    bool backing_off(time_point now) const { return failures_ > 0 && now < retry_at_; }
    std::size_t warm_target() const;
    std::size_t missing() const;
    std::optional<time_point> retirement(const slot& idle) const;
    std::size_t ordinary_room() const;
    std::deque<waiter>::const_iterator next_waiter() const;
    slot_id take_idle(worker_id preferred);
    void retire(slot_id slot, pool_actions& actions);
    void serve_waiters(pool_actions& actions);
    void open_missing(time_point now, pool_actions& actions);
    void fail_waiters(pool_actions& actions);
    // What follows from the present state, whatever led to it.
    void settle(time_point now, pool_actions& actions);

    pool_options options_;
    std::vector<slot> slots_;
    std::vector<slot_id> idle_; // the last used one last
    std::deque<waiter> waiters_;
    worker_id warm_worker_ = 0;
    unsigned failures_ = 0; // in a row
    time_point retry_at_{};
    bool stopped_ = false;
};

} // namespace hyperterse::adapter
