#include "adapter/postgres/watch.hpp"

namespace hyperterse::adapter::postgres {

void watch::add(watched& looked_at) {
    all_.push_back(looked_at);
    if (!armed_) {
        arm();
    }
}

void watch::arm() {
    armed_ = true;
    timer_.expires_after(tick_length);
    timer_.async_wait([this](boost::system::error_code aborted) {
        if (!aborted) {
            on_timer();
        }
    });
}

// A tick may end what is looked at, also itself.
void watch::on_timer() {
    const auto now = steady_clock::now();
    for (auto each = all_.begin(); each != all_.end();) {
        watched& looked_at = *each;
        ++each;
        looked_at.tick(now);
    }
    armed_ = false;
    if (!all_.empty()) {
        arm();
    }
}

} // namespace hyperterse::adapter::postgres
