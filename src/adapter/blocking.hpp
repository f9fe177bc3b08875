#pragma once

#include "base/task.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <utility>

namespace hyperterse::adapter {

// Runs `job()` on one of `threads` and resumes on the caller's worker when it has returned. What it throws
// comes out here. `job` lives until then; it is not interrupted, except by itself.
template <class Job>
task<void> run_blocking(asio::thread_pool& threads, Job& job) {
    const auto initiate = [&threads, &job](auto handler) {
        auto worker = asio::make_work_guard(handler);
        asio::post(threads, [&job, handler = std::move(handler), worker = std::move(worker)]() mutable {
            std::exception_ptr thrown;
            try {
                job();
            } catch (...) {
                thrown = std::current_exception();
            }
            asio::post(worker.get_executor(), [handler = std::move(handler), thrown]() mutable {
                std::move(handler)(thrown);
            });
        });
    };
    return asio::async_initiate<const asio::use_awaitable_t<executor>, void(std::exception_ptr)>(
        initiate, use_task
    );
}

} // namespace hyperterse::adapter
