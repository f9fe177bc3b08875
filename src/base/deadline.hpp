#pragma once

#include <chrono>
#include <stop_token>

namespace hyperterse {

using steady_clock = std::chrono::steady_clock;

// The absolute point in time at which a waiting call gives up.
struct deadline {
    steady_clock::time_point at;

    static deadline in(steady_clock::duration delay) { return {steady_clock::now() + delay}; }
    static deadline never() { return {steady_clock::time_point::max()}; }
    bool passed(steady_clock::time_point now = steady_clock::now()) const { return now >= at; }
    friend auto operator<=>(const deadline&, const deadline&) = default;
};

// What ends a call early, passed by value to everything that waits: its deadline (the answer is
// errc::timeout) and the caller's wish to stop (errc::cancelled), which may be requested from any thread.
struct call_context {
    deadline until;
    std::stop_token stop;

    bool interrupted() const { return stop.stop_requested() || until.passed(); }
};

} // namespace hyperterse
