#pragma once

#include "base/task.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace hyperterse::adapter {

// Threads for a library that blocks. Jobs begin in the order in which they were posted, each as soon as a
// thread is free.
class blocking_threads {
public:
    explicit blocking_threads(std::size_t count);
    ~blocking_threads(); // join()
    blocking_threads(const blocking_threads&) = delete;
    blocking_threads& operator=(const blocking_threads&) = delete;

    // Any thread. `function()` runs once, on one of the threads; it must not throw.
    template <class Function>
    void post(Function function) {
        post_job(std::make_unique<function_job<Function>>(std::move(function)));
    }

    // Returns when every job has run. Afterwards none may be posted. Once, not on one of the threads.
    void join();

private:
    struct job {
        virtual ~job() = default;
        virtual void run() = 0;
    };
    template <class Function>
    struct function_job final : job {
        explicit function_job(Function called) : function(std::move(called)) {}
        void run() override { function(); }
        Function function;
    };

    using guard = std::unique_lock<std::mutex>;

    void post_job(std::unique_ptr<job> next);
    void work();
    void let_go(guard held);

    std::mutex mutex_; // guards all below but threads_
    std::condition_variable changed_;
    std::deque<std::unique_ptr<job>> jobs_;
    std::size_t idle_ = 0;  // threads that wait
    bool summoned_ = false; // one of them was woken and has not come yet; it wakes the next one when need be
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

// Runs `job()` on one of `threads` and resumes on the caller's worker when it has returned. What it throws
// comes out here. `job` lives until then; it is not interrupted, except by itself.
template <class Job>
task<void> run_blocking(blocking_threads& threads, Job& job) {
    const auto initiate = [&threads, &job](auto handler) {
        auto worker = asio::make_work_guard(handler);
        threads.post([&job, handler = std::move(handler), worker = std::move(worker)]() mutable {
            std::exception_ptr thrown;
            try {
                job();
            } catch (...) {
                thrown = std::current_exception();
            }
            asio::post(
                worker.get_executor(),
                [handler = std::move(handler), thrown = std::move(thrown)]() mutable {
                    std::move(handler)(thrown);
                }
            );
        });
    };
    return asio::async_initiate<const asio::use_awaitable_t<executor>, void(std::exception_ptr)>(
        initiate, use_task
    );
}

} // namespace hyperterse::adapter
