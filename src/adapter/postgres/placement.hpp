#pragma once

#include "base/deadline.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>

namespace hyperterse::adapter::postgres {

// A read is short while it takes and returns less than this; only short ones share a connection. A statement
// that runs longer in front of others is moved away from them.
inline constexpr std::chrono::milliseconds short_duration{20};
inline constexpr std::size_t short_result = 128 * 1024; // bytes

// Where the executions of one statement run, from what its recent ones did. A statement is apart, on a
// connection of its own, until an execution proves that it is short. One that was long in front of others is
// suspected: it runs apart until an execution there tells whether the statement was to blame, or the machine.
// If it was, it stays apart for a second, twice as long each time that this happens again soon, a minute at
// most, and then has to prove itself anew: what is slow for some values only, or now and then, is apart most
// of the time. Any thread.
class placement {
public:
    using time_point = steady_clock::time_point;

    bool shared() const { return shared_.load(std::memory_order_relaxed); }

    // An execution on a shared connection was long, or failed.
    void suspect() { shared_.store(false, std::memory_order_relaxed); }
    // What an execution apart was.
    void was_short(time_point now);
    void was_long(time_point now);

private:
    std::atomic<bool> shared_ = false;
    std::mutex mutex_; // guards what follows
    time_point apart_until_{};
    std::chrono::milliseconds penalty_{0};
    unsigned short_in_a_row_ = 0; // executions apart
};

} // namespace hyperterse::adapter::postgres
