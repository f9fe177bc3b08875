#include "adapter/postgres/rendezvous.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>

namespace hyperterse::adapter::postgres {

task<void> rendezvous::wait(std::shared_ptr<rendezvous> self, deadline until, std::stop_token stop) {
    const std::shared_ptr<worker_timer> alarm = self->alarm_;
    alarm->expires_at(until.at);
    const auto on_stop = [self] { self->wake(); };
    const std::stop_callback wakes(stop, on_stop);
    co_await alarm->async_wait(asio::as_tuple(use_task));
}

// The wait may only be about to begin: it has begun when what is posted runs.
void rendezvous::wake() {
    const std::lock_guard held(mutex_);
    if (alarm_) {
        asio::post(alarm_->get_executor(), [alarm = alarm_] { alarm->cancel(); });
    }
}

void rendezvous::leave() {
    const std::lock_guard held(mutex_);
    alarm_.reset();
}

} // namespace hyperterse::adapter::postgres
