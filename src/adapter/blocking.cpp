#include "adapter/blocking.hpp"

namespace hyperterse::adapter {

blocking_threads::blocking_threads(std::size_t count) {
    threads_.reserve(count);
    for (std::size_t index = 0; index < count; ++index) {
        threads_.emplace_back([this] { work(); });
    }
}

blocking_threads::~blocking_threads() {
    join();
}

void blocking_threads::post_job(std::unique_ptr<job> next) {
    guard held(mutex_);
    jobs_.push_back(std::move(next));
    let_go(std::move(held));
}

void blocking_threads::join() {
    guard held(mutex_);
    ending_ = true;
    held.unlock();
    changed_.notify_all();
    for (std::thread& each : threads_) {
        if (each.joinable()) {
            each.join();
        }
    }
}

// Unlocks, and wakes a thread when there is work for one. One at a time: while it is on its way, short jobs
// are done by the threads that run already, without the cost of waking another.
void blocking_threads::let_go(guard held) {
    const bool wake = !jobs_.empty() && idle_ > 0 && !summoned_;
    if (wake) {
        summoned_ = true;
    }
    held.unlock();
    if (wake) {
        changed_.notify_one();
    }
}

void blocking_threads::work() {
    while (true) {
        guard held(mutex_);
        while (jobs_.empty() && !ending_) {
            ++idle_;
            changed_.wait(held);
            --idle_;
            summoned_ = false;
        }
        if (jobs_.empty()) {
            return;
        }
        const std::unique_ptr<job> next = std::move(jobs_.front());
        jobs_.pop_front();
        let_go(std::move(held));
        next->run();
    }
}

} // namespace hyperterse::adapter
