#pragma once

#include "adapter/postgres/watch.hpp"
#include "base/deadline.hpp"
#include "base/task.hpp"

#include <memory>
#include <mutex>
#include <stop_token>

namespace hyperterse::adapter::postgres {

// Where a coroutine waits for threads that cannot be interrupted, and which it may therefore leave behind.
// Shared by all of them.
class rendezvous {
public:
    explicit rendezvous(const executor& worker) : alarm_(std::make_shared<worker_timer>(worker)) {}

    // By the coroutine. Until wake(), the deadline or the stop.
    static task<void> wait(std::shared_ptr<rendezvous> self, deadline until, std::stop_token stop);
    // Ends the wait that is going on. Any thread, at any time.
    void wake();
    // By the coroutine: from now on wake() does nothing.
    void leave();

private:
    std::mutex mutex_; // guards alarm_; only the worker touches the timer itself
    std::shared_ptr<worker_timer> alarm_;
};

// Leaves at the end of a scope.
struct leaves {
    void operator()(rendezvous* left) const { left->leave(); }
};
using leaving = std::unique_ptr<rendezvous, leaves>;

} // namespace hyperterse::adapter::postgres
