#include "adapter/postgres/placement.hpp"

#include <algorithm>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::chrono::milliseconds first_penalty{1'000};
constexpr std::chrono::milliseconds longest_penalty{60'000};
constexpr unsigned enough_in_a_row = 1'000; // short executions: a busy machine was to blame
constexpr int forgiven_after = 4;           // penalties without another long execution

} // namespace

void placement::was_short(time_point now) {
    if (shared()) {
        return;
    }
    const std::lock_guard held(mutex_);
    ++short_in_a_row_;
    if (now >= apart_until_ || short_in_a_row_ >= enough_in_a_row) {
        shared_.store(true, std::memory_order_relaxed);
    }
}

void placement::was_long(time_point now) {
    const std::lock_guard held(mutex_);
    short_in_a_row_ = 0;
    if (now < apart_until_) {
        return;
    }
    const bool again = penalty_.count() > 0 && now < apart_until_ + forgiven_after * penalty_;
    penalty_ = again ? std::min(2 * penalty_, longest_penalty) : first_penalty;
    apart_until_ = now + penalty_;
    suspect();
}

} // namespace hyperterse::adapter::postgres
