#include "adapter/postgres/recover.hpp"

#include "adapter/postgres/cancel.hpp"
#include "adapter/postgres/session.hpp"
#include "adapter/postgres/watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

using namespace std::chrono_literals;

constexpr auto moment = 10ms;
constexpr auto patience = 2s;

// Drops what the session still receives.
class drain final : private watched {
public:
    drain(session& drained, watch& ticker) : session_(drained) { ticker.add(*this); }

    task<void> until(steady_clock::time_point limit) {
        limit_ = limit;
        while (!session_.is_idle() && !session_.is_lost() && steady_clock::now() < limit_) {
            if (!session_.poll()) {
                co_await session_.wait();
            }
        }
    }

private:
    void tick(steady_clock::time_point now) override {
        if (now >= limit_) {
            session_.wake();
        }
    }

    session& session_;
    steady_clock::time_point limit_{};
};

task<void> run(std::shared_ptr<lane> on, lease left, farewell how) {
    session& running = left.as<session>();
    drain rest(running, on->ticker());
    if (how == farewell::after_a_moment) {
        co_await rest.until(steady_clock::now() + moment);
    }
    if (!running.is_idle() && !running.is_lost()) {
        ++on->adapter().counted.cancelled;
        co_await request_cancel(running);
        co_await rest.until(steady_clock::now() + patience);
    }
    if (!running.is_idle()) {
        running.mark_lost();
    }
}

} // namespace

void recover(const std::shared_ptr<lane>& on, lease left, farewell how) {
    asio::co_spawn(on->worker(), run(on, std::move(left), how), rethrow);
}

} // namespace hyperterse::adapter::postgres
