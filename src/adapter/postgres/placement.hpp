#pragma once

#include "base/deadline.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace hyperterse::adapter::postgres {

// A read is short while it takes and returns less than this; only short ones share a connection. A statement
// that runs longer in front of others is moved away from them.
inline constexpr std::chrono::milliseconds short_duration{20};
inline constexpr std::size_t short_result = 128 * 1024; // bytes

// Where the executions of one statement run, from what its recent ones did. One that nothing is known of runs
// apart first, on a connection of its own: the probe, for which the others wait. So it does again when an
// execution was long in front of others: the probe tells whether the statement was to blame, or the machine.
// A statement whose probe is long stays apart for a second, twice as long each time that this happens again
// soon, a minute at most; then the next execution is a probe. What is slow for some values only, or now and
// then, is therefore apart most of the time. A thousand short executions in a row end that time early. Any
// thread.
class placement {
public:
    using time_point = steady_clock::time_point;
    enum class choice : std::uint8_t {
        share,
        apart,
        probe, // apart, and the others wait for it
        wait,  // ask again soon
    };

    choice choose(time_point now);
    bool is_shared() const { return shared_.load(std::memory_order_relaxed); }

    // An execution was long in front of others, and runs again as the probe.
    void suspect(time_point now);
    // The statement failed on a shared connection, at the cost of its neighbours' time.
    void was_refused(time_point now);
    // What an execution apart is, as soon as it is known.
    void was_short(time_point now);
    void was_long(time_point now);

private:
    void share();
    void keep_apart(time_point now);

    std::atomic<bool> shared_ = false;
    std::mutex mutex_;                      // guards what follows
    std::optional<time_point> probe_until_; // there is one; nobody waits for it longer
    time_point apart_until_{};
    time_point refused_at_{};
    std::chrono::milliseconds penalty_{0};
    unsigned short_in_a_row_ = 0; // executions apart
};

} // namespace hyperterse::adapter::postgres
