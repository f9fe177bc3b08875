#include "adapter/postgres/placement.hpp"

#include <algorithm>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::chrono::milliseconds first_penalty{1'000};
constexpr std::chrono::milliseconds longest_penalty{60'000};
constexpr std::chrono::milliseconds probe_patience{250};
constexpr std::chrono::milliseconds between_refusals{100}; // that neighbours can bear
constexpr unsigned enough_in_a_row = 1'000;                // short executions: a busy machine was to blame
constexpr int forgiven_after = 4;                          // penalties without another long execution

} // namespace

placement::choice placement::choose(time_point now) {
    if (is_shared()) {
        return choice::share;
    }
    const std::lock_guard held(mutex_);
    if (now < apart_until_) {
        return choice::apart;
    }
    if (!probe_until_) {
        probe_until_ = now + probe_patience;
        return choice::probe;
    }
    if (now < *probe_until_) {
        return choice::wait;
    }
    share();
    return choice::share;
}

void placement::suspect(time_point now) {
    const std::lock_guard held(mutex_);
    shared_.store(false, std::memory_order_relaxed);
    probe_until_ = now + probe_patience;
}

void placement::was_refused(time_point now) {
    const std::lock_guard held(mutex_);
    const bool again = now - refused_at_ < between_refusals;
    refused_at_ = now;
    if (again) {
        keep_apart(now);
    }
}

void placement::was_short(time_point now) {
    if (is_shared()) {
        return;
    }
    const std::lock_guard held(mutex_);
    ++short_in_a_row_;
    if (now >= apart_until_ || short_in_a_row_ >= enough_in_a_row) {
        apart_until_ = std::min(apart_until_, now);
        share();
    }
}

void placement::was_long(time_point now) {
    const std::lock_guard held(mutex_);
    short_in_a_row_ = 0;
    keep_apart(now);
}

void placement::share() {
    probe_until_.reset();
    shared_.store(true, std::memory_order_relaxed);
}

void placement::keep_apart(time_point now) {
    probe_until_.reset();
    if (now < apart_until_) {
        return;
    }
    const bool again = penalty_.count() > 0 && now < apart_until_ + forgiven_after * penalty_;
    penalty_ = again ? std::min(2 * penalty_, longest_penalty) : first_penalty;
    apart_until_ = now + penalty_;
    shared_.store(false, std::memory_order_relaxed);
}

} // namespace hyperterse::adapter::postgres
