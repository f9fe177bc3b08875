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
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code aborted) {
        if (const auto self = weak.lock(); self && !aborted) {
            self->on_timer();
        }
    });
}

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
