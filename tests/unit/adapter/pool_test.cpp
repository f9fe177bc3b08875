#include "adapter/pool.hpp"

#include "tests/adapter/support.hpp"

#include <atomic>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>
#include <vector>

namespace hyperterse::adapter {
namespace {

using namespace test;

// What the fake database does; shared by its connections, so atomic.
struct fake_database {
    std::atomic<bool> up = true;
    std::atomic<bool> throws = false;
    std::atomic<bool> hangs = false;
    std::atomic<int> opened = 0;
    std::atomic<int> open = 0;
    std::atomic<int> most_open = 0;
};

class fake_connection : public connection {
public:
    explicit fake_connection(fake_database& database) : database_(database) {
        ++database_.opened;
        database_.most_open = std::max<int>(database_.most_open, ++database_.open);
    }
    ~fake_connection() override { --database_.open; }

    bool usable() const noexcept override { return !broken; }
    task<void> close() override { co_return; }

    std::atomic<bool> broken = false;
    std::atomic<bool> in_use = false;

private:
    fake_database& database_;
};

class fake_connector : public connector {
public:
    explicit fake_connector(fake_database& database) : database_(database) {}

    task<result<std::unique_ptr<connection>>> connect(call_context context) override {
        const executor worker = co_await asio::this_coro::executor;
        co_await asio::post(worker, use_task);
        asio::steady_timer timer(worker);
        while (database_.hangs && !context.interrupted()) {
            timer.expires_after(1ms);
            co_await timer.async_wait(use_task);
        }
        if (database_.throws) {
            throw std::runtime_error("a driver that throws");
        }
        if (!database_.up || context.interrupted()) {
            co_return error{errc::unavailable, public_message{"down"}, private_detail{"connection refused"}};
        }
        co_return std::make_unique<fake_connection>(database_);
    }

private:
    fake_database& database_;
};

struct fixture {
    explicit fixture(const pool_options& options) :
        connections("test", options, std::make_unique<fake_connector>(database)) {
        connections.start(worker.get_executor());
    }
    ~fixture() {
        run(worker, connections.stop(patiently().until));
        EXPECT_EQ(database.open, 0);
    }

    result<lease> acquire(call_context context = patiently()) {
        return run(worker, connections.acquire(context));
    }

    fake_database database;
    asio::io_context worker{1};
    pool connections;
};

void let_run(asio::io_context& worker) {
    worker.restart();
    while (worker.poll_one() > 0) {
    }
}

TEST(pool, lends_a_connection_and_takes_it_back_when_the_lease_dies) {
    fixture test({.max_connections = 1});
    {
        const result<lease> first = test.acquire();
        ASSERT_TRUE(first);
        EXPECT_TRUE(first->as<fake_connection>().usable());
        EXPECT_EQ(test.connections.status().connections_in_use, 1U);
        EXPECT_TRUE(first->home() == test.worker.get_executor());
    }
    EXPECT_EQ(test.connections.status().connections_in_use, 0U);
    EXPECT_EQ(test.connections.status().connections_idle, 1U);
    EXPECT_TRUE(test.acquire());
    EXPECT_EQ(test.database.opened, 1);
}

TEST(pool, lease_can_be_moved_and_returns_its_connection_once) {
    fixture test({.max_connections = 2});
    lease kept;
    EXPECT_FALSE(kept);
    kept = std::move(*test.acquire());
    EXPECT_TRUE(kept);
    lease other(std::move(kept));
    other = std::move(*test.acquire());
    EXPECT_EQ(test.connections.status().connections_in_use, 1U);
    other = lease();
    EXPECT_EQ(test.connections.status().connections_in_use, 0U);
    EXPECT_EQ(test.connections.status().connections_idle, 2U);
}

TEST(pool, refuses_as_overloaded_when_none_becomes_free_in_time) {
    fixture test({.max_connections = 1, .acquire_timeout = 20ms});
    const result<lease> held = test.acquire();
    const result<lease> refused = test.acquire();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::overloaded);
    EXPECT_EQ(refused.error().message(), "no database connection became free in time");
    EXPECT_EQ(refused.error().retry_after(), 1s);
    EXPECT_EQ(test.connections.status().waiting, 0U);
}

TEST(pool, ends_a_wait_at_the_callers_deadline) {
    fixture test({.max_connections = 1});
    const result<lease> held = test.acquire();
    const result<lease> late = test.acquire({deadline::in(20ms), {}});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::timeout);
}

TEST(pool, ends_a_wait_when_the_caller_stops) {
    fixture test({.max_connections = 1});
    const result<lease> held = test.acquire();
    std::stop_source stop;
    const call_context context{deadline::in(60s), stop.get_token()};
    std::jthread stopper([&stop] {
        std::this_thread::sleep_for(10ms);
        stop.request_stop();
    });
    const result<lease> cancelled = test.acquire(context);
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code(), errc::cancelled);
    EXPECT_EQ(test.acquire(context).error().code(), errc::cancelled);
}

TEST(pool, gives_a_waiting_caller_the_connection_that_comes_back) {
    fixture test({.max_connections = 1});
    std::optional<result<lease>> held = test.acquire();
    std::optional<result<lease>> second;
    asio::co_spawn(test.worker, store(test.connections.acquire(patiently()), second), asio::detached);
    let_run(test.worker);
    EXPECT_FALSE(second);
    EXPECT_EQ(test.connections.status().waiting, 1U);
    held.reset();
    let_run(test.worker);
    ASSERT_TRUE(second);
    EXPECT_TRUE(*second);
    EXPECT_EQ(test.database.opened, 1);
}

TEST(pool, discards_a_connection_that_broke) {
    fixture test({.max_connections = 1});
    {
        const result<lease> broken = test.acquire();
        broken->as<fake_connection>().broken = true;
    }
    EXPECT_TRUE(test.acquire());
    EXPECT_EQ(test.database.opened, 2);
    EXPECT_EQ(test.database.most_open, 1);
}

TEST(pool, does_not_hand_out_connections_that_broke_while_idle) {
    fixture test({.max_connections = 2});
    std::vector<fake_connection*> idle;
    {
        const result<lease> first = test.acquire();
        const result<lease> second = test.acquire();
        idle = {&first->as<fake_connection>(), &second->as<fake_connection>()};
    }
    for (fake_connection* each : idle) {
        each->broken = true;
    }
    const result<lease> fresh = test.acquire();
    ASSERT_TRUE(fresh);
    EXPECT_TRUE(fresh->as<fake_connection>().usable());
    EXPECT_EQ(test.database.opened, 3);
}

TEST(pool, is_unavailable_with_the_reason_while_nothing_can_be_opened) {
    fixture test({.max_connections = 2});
    test.database.up = false;
    const result<lease> refused = test.acquire();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_EQ(refused.error().message(), "the database is unavailable");
    EXPECT_EQ(refused.error().detail().for_log(), "connection refused");
    EXPECT_EQ(refused.error().retry_after(), 1s);
    EXPECT_FALSE(test.connections.status().available);
    EXPECT_EQ(test.connections.status().reason, "connection refused");
}

TEST(pool, takes_a_connector_that_throws_for_a_failed_connect) {
    fixture test({.max_connections = 1});
    test.database.throws = true;
    const result<lease> refused = test.acquire();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    EXPECT_EQ(refused.error().detail().for_log(), "a driver that throws");
}

TEST(pool, finds_by_itself_that_the_database_is_back) {
    fixture test({.max_connections = 1});
    test.database.up = false;
    EXPECT_FALSE(test.acquire());
    test.database.up = true;
    while (!test.connections.status().available) {
        test.worker.restart();
        ASSERT_GT(test.worker.run_one(), 0U);
    }
    EXPECT_EQ(test.connections.status().reason, "");
    EXPECT_TRUE(test.acquire());
}

TEST(pool, opens_min_connections_without_being_asked) {
    fixture test({.max_connections = 3, .min_connections = 2});
    while (test.connections.status().connections_idle < 2) {
        test.worker.restart();
        ASSERT_GT(test.worker.run_one(), 0U);
    }
    EXPECT_EQ(test.database.opened, 2);
}

TEST(pool, closes_connections_that_stay_idle) {
    fixture test({.max_connections = 1, .idle_timeout = 5ms});
    EXPECT_TRUE(test.acquire());
    while (test.database.open > 0) {
        test.worker.restart();
        ASSERT_GT(test.worker.run_one(), 0U);
    }
    EXPECT_EQ(test.connections.status().connections_idle, 0U);
}

TEST(pool, waits_for_leases_when_it_stops_and_then_refuses) {
    fixture test({.max_connections = 1});
    std::optional<result<lease>> held = test.acquire();
    std::optional<result<lease>> waiting;
    asio::co_spawn(test.worker, store(test.connections.acquire(patiently()), waiting), asio::detached);
    let_run(test.worker);
    bool stopped = false;
    asio::co_spawn(test.worker, test.connections.stop(patiently().until), [&](std::exception_ptr) {
        stopped = true;
    });
    let_run(test.worker);
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->error().code(), errc::unavailable);
    EXPECT_FALSE(stopped);
    held.reset();
    let_run(test.worker);
    EXPECT_TRUE(stopped);
    EXPECT_EQ(test.database.open, 0);
    EXPECT_EQ(test.acquire().error().code(), errc::unavailable);
}

TEST(pool, gives_up_stopping_at_the_deadline) {
    fixture test({.max_connections = 1});
    const result<lease> held = test.acquire();
    run(test.worker, test.connections.stop(deadline::in(10ms)));
    EXPECT_EQ(test.database.open, 1);
}

TEST(pool, interrupts_a_connect_when_it_stops) {
    fixture test({.max_connections = 1, .connect_timeout = 60s});
    test.database.hangs = true;
    std::optional<result<lease>> waiting;
    asio::co_spawn(test.worker, store(test.connections.acquire(patiently()), waiting), asio::detached);
    let_run(test.worker);
    run(test.worker, test.connections.stop(patiently().until));
    ASSERT_TRUE(waiting);
    EXPECT_FALSE(*waiting);
}

task<int> borrow_often(pool& from, int times) {
    const executor worker = co_await asio::this_coro::executor;
    int served = 0;
    for (int count = 0; count < times; ++count) {
        const result<lease> taken = co_await from.acquire(patiently());
        if (!taken) {
            continue;
        }
        auto& used = taken->as<fake_connection>();
        EXPECT_FALSE(used.in_use.exchange(true)) << "lent twice";
        co_await asio::post(worker, use_task);
        used.broken = count % 17 == 0;
        used.in_use = false;
        ++served;
    }
    co_return served;
}

TEST(pool, is_exact_when_several_workers_share_it) {
    constexpr std::size_t limit = 3;
    fake_database database;
    worker_thread keeper;
    {
        std::vector<std::unique_ptr<worker_thread>> workers;
        pool connections("test", {.max_connections = limit}, std::make_unique<fake_connector>(database));
        connections.start(keeper.get_executor());
        std::vector<std::future<int>> served;
        for (int count = 0; count < 4; ++count) {
            workers.push_back(std::make_unique<worker_thread>());
            for (int client = 0; client < 4; ++client) {
                served.push_back(workers.back()->start(borrow_often(connections, 200)));
            }
        }
        for (std::future<int>& each : served) {
            EXPECT_EQ(each.get(), 200);
        }
        keeper.start(connections.stop(patiently().until)).get();
        EXPECT_EQ(connections.status().connections_in_use, 0U);
    }
    EXPECT_EQ(database.open, 0);
    EXPECT_LE(database.most_open, static_cast<int>(limit));
}

} // namespace
} // namespace hyperterse::adapter
