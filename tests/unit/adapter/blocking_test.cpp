#include "adapter/blocking.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hyperterse::adapter {
namespace {

constexpr std::size_t thread_count = 4;

TEST(blocking_threads, run_every_job_that_was_posted_before_they_end) {
    constexpr int jobs_of_each = 5'000;
    std::atomic<int> ran = 0;
    {
        blocking_threads threads(thread_count);
        std::vector<std::jthread> posters;
        for (int poster = 0; poster < 3; ++poster) {
            posters.emplace_back([&] {
                for (int job = 0; job < jobs_of_each; ++job) {
                    threads.post([&ran] { ++ran; });
                }
            });
        }
    }
    EXPECT_EQ(ran, 3 * jobs_of_each);
}

// Would hang if a job waited behind a blocked one while a thread is free.
TEST(blocking_threads, run_as_many_jobs_at_once_as_there_are_threads) {
    blocking_threads threads(thread_count);
    for (int round = 0; round < 1'000; ++round) {
        std::latch all_run(thread_count + 1);
        std::latch all_left(thread_count);
        for (std::size_t job = 0; job < thread_count; ++job) {
            threads.post([&] {
                all_run.arrive_and_wait();
                all_left.count_down();
            });
        }
        all_run.arrive_and_wait();
        all_left.wait();
    }
}

TEST(blocking_threads, begin_jobs_in_the_order_of_posting) {
    std::vector<int> order;
    blocking_threads one(1);
    for (int job = 0; job < 100; ++job) {
        one.post([&order, job] { order.push_back(job); });
    }
    one.join();
    ASSERT_EQ(order.size(), 100U);
    EXPECT_TRUE(std::ranges::is_sorted(order));
}

struct visit {
    std::thread::id ran_on;
    std::thread::id resumed_on;
    std::string caught;
};

task<void> visit_and_return(blocking_threads& threads, visit& seen) {
    const auto job = [&seen] { seen.ran_on = std::this_thread::get_id(); };
    co_await run_blocking(threads, job);
    seen.resumed_on = std::this_thread::get_id();
}

task<void> visit_and_throw(blocking_threads& threads, visit& seen) {
    const auto job = [] { throw std::runtime_error("from the job"); };
    try {
        co_await run_blocking(threads, job);
    } catch (const std::runtime_error& thrown) {
        seen.caught = thrown.what();
    }
}

TEST(run_blocking, runs_on_another_thread_and_resumes_on_the_callers) {
    blocking_threads threads(thread_count);
    asio::io_context worker(1);
    visit seen;
    asio::co_spawn(worker, visit_and_return(threads, seen), rethrow);
    worker.run();
    EXPECT_NE(seen.ran_on, std::thread::id());
    EXPECT_NE(seen.ran_on, std::this_thread::get_id());
    EXPECT_EQ(seen.resumed_on, std::this_thread::get_id());
}

TEST(run_blocking, lets_out_what_the_job_throws) {
    blocking_threads threads(1);
    asio::io_context worker(1);
    visit seen;
    asio::co_spawn(worker, visit_and_throw(threads, seen), rethrow);
    worker.run();
    EXPECT_EQ(seen.caught, "from the job");
}

} // namespace
} // namespace hyperterse::adapter
