#include "adapter/pool_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

namespace hyperterse::adapter {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using kind = pool_action::kind;

constexpr steady_clock::time_point t0{1'000s};
constexpr worker_id here = 0;
constexpr worker_id there = 1;

pool_action give(slot_id slot, waiter_id waiter, worker_id worker = here) {
    return {.what = kind::give, .slot = slot, .waiter = waiter, .worker = worker};
}
pool_action fail(waiter_id waiter, worker_id worker = here) {
    return {.what = kind::fail, .waiter = waiter, .worker = worker};
}
pool_action connect(slot_id slot, worker_id worker = here) {
    return {.what = kind::connect, .slot = slot, .worker = worker};
}
pool_action close(slot_id slot, worker_id worker = here) {
    return {.what = kind::close, .slot = slot, .worker = worker};
}

TEST(pool_state, keeps_reserved_connections_from_ordinary_claims) {
    pool_state pool({.max_connections = 2, .reserved_connections = 1});
    EXPECT_THAT(pool.acquire(1, here, t0), ElementsAre(connect(0)));
    EXPECT_THAT(pool.connected(0, t0), ElementsAre(give(0, 1)));
    EXPECT_THAT(pool.acquire(2, here, t0), IsEmpty());
    EXPECT_THAT(pool.acquire(3, here, t0, claim::reserved), ElementsAre(connect(1)));
    EXPECT_THAT(pool.connected(1, t0), ElementsAre(give(1, 3)));
    EXPECT_THAT(pool.release(1, connection_fate::reusable, t0), IsEmpty());
    EXPECT_EQ(pool.waiting(), 1U);
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(give(0, 2)));
}

TEST(pool_state, is_short_of_connections_while_somebody_waits_for_one_in_use) {
    pool_state pool({.max_connections = 2, .reserved_connections = 1});
    pool.acquire(1, here, t0);
    EXPECT_FALSE(pool.is_short_of_connections()); // one is being opened
    pool.connected(0, t0);
    pool.acquire(2, here, t0);
    EXPECT_FALSE(pool.is_short_of_connections()); // the other is reserved
    pool.acquire(3, here, t0, claim::reserved);
    pool.connect_failed(1, 0.0, t0);
    EXPECT_TRUE(pool.is_short_of_connections());
}

TEST(pool_state, serves_reserved_claims_before_others) {
    pool_state pool({.max_connections = 1});
    pool.acquire(1, here, t0);
    pool.connected(0, t0);
    pool.acquire(2, here, t0);
    pool.acquire(3, here, t0, claim::reserved);
    pool.acquire(4, here, t0, claim::reserved);
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(give(0, 3)));
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(give(0, 4)));
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(give(0, 2)));
}

TEST(pool_state, opens_a_connection_for_the_first_caller_on_its_worker) {
    pool_state pool({.max_connections = 2});
    EXPECT_THAT(pool.start(here, t0), IsEmpty());
    EXPECT_THAT(pool.acquire(1, there, t0), ElementsAre(connect(0, there)));
    EXPECT_EQ(pool.waiting(), 1U);
    EXPECT_THAT(pool.connected(0, t0), ElementsAre(give(0, 1, there)));
    EXPECT_EQ(pool.in_use(), 1U);
    EXPECT_EQ(pool.waiting(), 0U);
}

TEST(pool_state, hands_an_idle_connection_out_at_once) {
    pool_state pool({.max_connections = 2});
    pool.acquire(1, here, t0);
    pool.connected(0, t0);
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), IsEmpty());
    EXPECT_EQ(pool.idle(), 1U);
    EXPECT_THAT(pool.acquire(2, here, t0), ElementsAre(give(0, 2)));
}

TEST(pool_state, never_opens_more_than_max_connections) {
    pool_state pool({.max_connections = 2});
    EXPECT_THAT(pool.acquire(1, here, t0), ElementsAre(connect(0)));
    EXPECT_THAT(pool.acquire(2, here, t0), ElementsAre(connect(1)));
    EXPECT_THAT(pool.acquire(3, here, t0), IsEmpty());
    pool.connected(0, t0);
    pool.connected(1, t0);
    EXPECT_EQ(pool.in_use(), 2U);
    EXPECT_EQ(pool.waiting(), 1U);
}

TEST(pool_state, serves_callers_in_the_order_of_their_arrival) {
    pool_state pool({.max_connections = 1});
    pool.acquire(1, here, t0);
    pool.acquire(2, there, t0);
    pool.acquire(3, here, t0);
    EXPECT_THAT(pool.connected(0, t0), ElementsAre(give(0, 1)));
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(give(0, 2)));
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(give(0, 3)));
}

TEST(pool_state, prefers_an_idle_connection_at_home_on_the_callers_worker) {
    pool_state pool({.max_connections = 2});
    pool.acquire(1, here, t0);
    pool.acquire(2, there, t0);
    pool.connected(0, t0);
    pool.connected(1, t0);
    pool.release(0, connection_fate::reusable, t0);
    pool.release(1, connection_fate::reusable, t0);
    EXPECT_THAT(pool.acquire(3, here, t0), ElementsAre(give(0, 3, here)));
    EXPECT_THAT(pool.acquire(4, here, t0), ElementsAre(give(1, 4, there)));
}

TEST(pool_state, reuses_the_connection_that_was_used_last) {
    pool_state pool({.max_connections = 2});
    pool.acquire(1, here, t0);
    pool.acquire(2, here, t0);
    pool.connected(0, t0);
    pool.connected(1, t0);
    pool.release(1, connection_fate::reusable, t0);
    pool.release(0, connection_fate::reusable, t0);
    EXPECT_THAT(pool.acquire(3, here, t0), ElementsAre(give(0, 3)));
}

TEST(pool_state, forgets_a_caller_that_gave_up) {
    pool_state pool({.max_connections = 1});
    pool.acquire(1, here, t0);
    pool.acquire(2, here, t0);
    pool.connected(0, t0);
    EXPECT_TRUE(pool.forget(2));
    EXPECT_FALSE(pool.forget(2));
    EXPECT_FALSE(pool.forget(1));
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), IsEmpty());
    EXPECT_EQ(pool.idle(), 1U);
}

TEST(pool_state, replaces_a_broken_connection_only_after_it_is_closed) {
    pool_state pool({.max_connections = 1});
    pool.acquire(1, here, t0);
    pool.acquire(2, there, t0);
    pool.connected(0, t0);
    EXPECT_THAT(pool.release(0, connection_fate::broken, t0), ElementsAre(close(0)));
    EXPECT_THAT(pool.closed(0, t0), ElementsAre(connect(0, there)));
    EXPECT_THAT(pool.connected(0, t0), ElementsAre(give(0, 2, there)));
}

TEST(pool_state, opens_min_connections_at_the_start_and_replaces_them) {
    pool_state pool({.max_connections = 3, .min_connections = 2});
    EXPECT_THAT(pool.start(there, t0), ElementsAre(connect(0, there), connect(1, there)));
    pool.connected(0, t0);
    pool.connected(1, t0);
    pool.acquire(1, there, t0);
    EXPECT_THAT(
        pool.release(1, connection_fate::broken, t0), ElementsAre(close(1, there), connect(2, there))
    );
}

TEST(pool_state, closes_connections_that_stay_idle_down_to_min_connections) {
    pool_state pool({.max_connections = 2, .min_connections = 1, .idle_timeout = 10s, .max_lifetime = 0s});
    pool.start(here, t0);
    pool.connected(0, t0);
    EXPECT_EQ(pool.next_tick(), std::nullopt);
    pool.acquire(1, here, t0);
    pool.acquire(2, here, t0);
    pool.connected(1, t0);
    pool.release(0, connection_fate::reusable, t0 + 1s);
    pool.release(1, connection_fate::reusable, t0 + 2s);
    EXPECT_EQ(pool.next_tick(), t0 + 11s);
    EXPECT_THAT(pool.tick(t0 + 11s - 1ns), IsEmpty());
    EXPECT_THAT(pool.tick(t0 + 11s), ElementsAre(close(0)));
    pool.closed(0, t0 + 11s);
    EXPECT_EQ(pool.next_tick(), std::nullopt);
    EXPECT_THAT(pool.tick(t0 + 1h), IsEmpty());
    EXPECT_EQ(pool.idle(), 1U);
}

TEST(pool_state, closes_connections_at_the_end_of_their_life_idle_or_on_return) {
    pool_state pool({.max_connections = 2, .idle_timeout = 0s, .max_lifetime = 30s});
    pool.acquire(1, here, t0);
    pool.acquire(2, here, t0);
    pool.connected(0, t0);
    pool.connected(1, t0 + 1s);
    pool.release(1, connection_fate::reusable, t0 + 2s);
    EXPECT_EQ(pool.next_tick(), t0 + 31s);
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0 + 30s), ElementsAre(close(0)));
    EXPECT_THAT(pool.tick(t0 + 31s), ElementsAre(close(1)));
}

TEST(pool_state, fails_callers_while_it_backs_off_and_nothing_is_alive) {
    pool_state pool({.max_connections = 2});
    pool.acquire(1, here, t0);
    EXPECT_TRUE(pool.available());
    EXPECT_THAT(pool.connect_failed(0, 0.0, t0), ElementsAre(fail(1)));
    EXPECT_FALSE(pool.available());
    EXPECT_EQ(pool.retry_at(), t0 + 100ms);
    EXPECT_THAT(pool.acquire(2, here, t0 + 99ms), ElementsAre(fail(2)));
    EXPECT_THAT(pool.acquire(3, here, t0 + 100ms), ElementsAre(connect(0)));
    EXPECT_THAT(pool.connected(0, t0 + 100ms), ElementsAre(give(0, 3)));
    EXPECT_TRUE(pool.available());
}

TEST(pool_state, lets_callers_wait_for_living_connections_while_it_backs_off) {
    pool_state pool({.max_connections = 2});
    pool.acquire(1, here, t0);
    pool.connected(0, t0);
    pool.acquire(2, here, t0);
    EXPECT_THAT(pool.connect_failed(1, 0.0, t0), IsEmpty());
    EXPECT_TRUE(pool.available());
    EXPECT_EQ(pool.next_tick(), t0 + 100ms);
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(give(0, 2)));
    EXPECT_EQ(pool.next_tick(), std::nullopt);
}

TEST(pool_state, tries_again_by_itself_until_the_database_is_back) {
    pool_state pool({.max_connections = 2});
    pool.acquire(1, here, t0);
    pool.connect_failed(0, 0.0, t0);
    EXPECT_EQ(pool.next_tick(), t0 + 100ms);
    EXPECT_THAT(pool.tick(t0 + 100ms), ElementsAre(connect(0)));
    EXPECT_EQ(pool.next_tick(), std::nullopt);
    EXPECT_THAT(pool.connected(0, t0 + 100ms), IsEmpty());
    EXPECT_TRUE(pool.available());
    EXPECT_EQ(pool.idle(), 1U);
}

TEST(pool_state, tries_one_connection_at_a_time_after_a_failure) {
    pool_state pool({.max_connections = 3});
    pool.acquire(1, here, t0);
    pool.connect_failed(0, 0.0, t0);
    EXPECT_THAT(pool.acquire(2, here, t0 + 1s), ElementsAre(connect(0)));
    EXPECT_THAT(pool.acquire(3, here, t0 + 1s), IsEmpty());
    EXPECT_THAT(pool.connected(0, t0 + 1s), ElementsAre(give(0, 2), connect(1)));
}

TEST(pool_state, doubles_the_delay_from_100_ms_to_1_s) {
    pool_state pool({.max_connections = 1});
    auto now = t0;
    pool.acquire(1, here, now);
    for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1'000ms, 1'000ms}) {
        pool.connect_failed(0, 0.0, now);
        EXPECT_EQ(pool.retry_at() - now, expected);
        now = pool.retry_at();
        EXPECT_THAT(pool.tick(now), ElementsAre(connect(0)));
    }
}

TEST(pool_state, takes_up_to_half_of_the_delay_away_by_jitter_but_keeps_100_ms) {
    struct example {
        double jitter;
        std::chrono::milliseconds first;
        std::chrono::milliseconds second;
    };
    for (const auto& [jitter, first, second] : {example{0.0, 100ms, 200ms}, example{0.5, 100ms, 150ms}}) {
        pool_state pool({.max_connections = 1});
        pool.acquire(1, here, t0);
        pool.connect_failed(0, jitter, t0);
        EXPECT_EQ(pool.retry_at(), t0 + first);
        pool.tick(pool.retry_at());
        const auto again = pool.retry_at();
        pool.connect_failed(0, jitter, again);
        EXPECT_EQ(pool.retry_at(), again + second);
    }
}

TEST(pool_state, counts_connects_that_fail_together_as_one_failure) {
    pool_state pool({.max_connections = 3});
    pool.acquire(1, here, t0);
    pool.acquire(2, here, t0);
    pool.acquire(3, here, t0);
    EXPECT_THAT(pool.connect_failed(0, 0.0, t0), IsEmpty());
    EXPECT_THAT(pool.connect_failed(1, 0.0, t0), IsEmpty());
    EXPECT_THAT(pool.connect_failed(2, 0.0, t0), ElementsAre(fail(1), fail(2), fail(3)));
    EXPECT_EQ(pool.retry_at(), t0 + 100ms);
}

TEST(pool_state, stops_when_the_last_connection_has_come_back_and_is_closed) {
    pool_state pool({.max_connections = 2, .min_connections = 1});
    pool.start(here, t0);
    pool.connected(0, t0);
    pool.acquire(1, here, t0);
    pool.acquire(2, here, t0);
    pool.connected(1, t0);
    pool.release(1, connection_fate::reusable, t0);
    pool.acquire(3, here, t0);
    pool.acquire(4, here, t0);
    pool.release(1, connection_fate::reusable, t0);
    EXPECT_THAT(pool.stop(t0), IsEmpty());
    EXPECT_FALSE(pool.drained());
    EXPECT_THAT(pool.acquire(5, here, t0), ElementsAre(fail(5)));
    EXPECT_THAT(pool.release(0, connection_fate::reusable, t0), ElementsAre(close(0)));
    EXPECT_THAT(pool.release(1, connection_fate::reusable, t0), ElementsAre(close(1)));
    EXPECT_THAT(pool.closed(0, t0), IsEmpty());
    EXPECT_FALSE(pool.drained());
    EXPECT_THAT(pool.closed(1, t0), IsEmpty());
    EXPECT_TRUE(pool.drained());
    EXPECT_EQ(pool.next_tick(), std::nullopt);
}

TEST(pool_state, closes_idle_connections_and_fails_callers_when_it_stops) {
    pool_state pool({.max_connections = 2});
    pool.acquire(1, here, t0);
    pool.connected(0, t0);
    pool.release(0, connection_fate::reusable, t0);
    EXPECT_THAT(pool.stop(t0), ElementsAre(close(0)));
    pool_state busy({.max_connections = 1});
    busy.acquire(1, here, t0);
    EXPECT_THAT(busy.stop(t0), ElementsAre(fail(1)));
    EXPECT_THAT(busy.connected(0, t0), ElementsAre(close(0)));
}

TEST(pool_state, without_connections_stops_at_once) {
    pool_state pool({.max_connections = 2});
    EXPECT_FALSE(pool.drained());
    EXPECT_TRUE(pool.available());
    pool.stop(t0);
    EXPECT_TRUE(pool.drained());
    EXPECT_FALSE(pool.available());
}

// A world in which everything that can happen does, in random order; it checks what has to hold always.
class random_world {
public:
    random_world(unsigned seed, const pool_options& options) :
        random_(seed), options_(options), pool_(options) {
        perform(pool_.start(here, now_));
    }

    void step() {
        switch (random_() % 8) {
        case 0:
        case 1:
            waiting_.push_back(++last_waiter_);
            perform(pool_.acquire(last_waiter_, random_() % 2, now_));
            break;
        case 2:
        case 3:
            if (const auto slot = any(in_use_)) {
                const auto fate = random_() % 4 == 0 ? connection_fate::broken : connection_fate::reusable;
                in_use_.erase(*slot);
                idle_.insert(*slot);
                perform(pool_.release(*slot, fate, now_));
            }
            break;
        case 4:
            if (const auto slot = any(connecting_)) {
                connecting_.erase(*slot);
                if (random_() % 3 == 0) {
                    perform(pool_.connect_failed(*slot, 0.3, now_));
                } else {
                    idle_.insert(*slot);
                    perform(pool_.connected(*slot, now_));
                }
            }
            break;
        case 5:
            if (const auto slot = any(closing_)) {
                closing_.erase(*slot);
                perform(pool_.closed(*slot, now_));
            }
            break;
        case 6:
            if (!waiting_.empty()) {
                const std::size_t index = random_() % waiting_.size();
                EXPECT_TRUE(pool_.forget(waiting_[index]));
                waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
            }
            break;
        default:
            now_ += std::chrono::milliseconds(random_() % 200);
            perform(pool_.tick(now_));
        }
        check();
    }

    // Ends everything that is under way and stops.
    void finish() {
        perform(pool_.stop(now_));
        EXPECT_THAT(waiting_, IsEmpty());
        while (const auto slot = any(in_use_)) {
            in_use_.erase(*slot);
            idle_.insert(*slot);
            perform(pool_.release(*slot, connection_fate::reusable, now_));
        }
        while (const auto slot = any(connecting_)) {
            connecting_.erase(*slot);
            idle_.insert(*slot);
            perform(pool_.connected(*slot, now_));
        }
        while (const auto slot = any(closing_)) {
            closing_.erase(*slot);
            perform(pool_.closed(*slot, now_));
        }
        EXPECT_TRUE(pool_.drained());
    }

private:
    std::optional<slot_id> any(const std::set<slot_id>& from) {
        if (from.empty()) {
            return std::nullopt;
        }
        return *std::next(from.begin(), static_cast<std::ptrdiff_t>(random_() % from.size()));
    }

    void perform(const pool_actions& actions) {
        for (const pool_action& action : actions) {
            switch (action.what) {
            case kind::give:
                ASSERT_FALSE(waiting_.empty());
                EXPECT_EQ(action.waiter, waiting_.front()) << "not in the order of arrival";
                waiting_.pop_front();
                EXPECT_EQ(idle_.erase(action.slot), 1U) << "given a connection that is not idle";
                in_use_.insert(action.slot);
                break;
            case kind::fail:
                ASSERT_FALSE(waiting_.empty());
                EXPECT_EQ(action.waiter, waiting_.front());
                waiting_.pop_front();
                break;
            case kind::connect:
                EXPECT_FALSE(in_use_.contains(action.slot) || idle_.contains(action.slot));
                EXPECT_FALSE(closing_.contains(action.slot));
                EXPECT_TRUE(connecting_.insert(action.slot).second);
                break;
            case kind::close:
                EXPECT_EQ(idle_.erase(action.slot), 1U) << "closed a connection that is not idle";
                closing_.insert(action.slot);
                break;
            }
        }
    }

    void check() {
        const std::size_t all = in_use_.size() + idle_.size() + connecting_.size() + closing_.size();
        EXPECT_LE(all, options_.max_connections);
        EXPECT_EQ(pool_.in_use(), in_use_.size());
        EXPECT_EQ(pool_.idle(), idle_.size());
        EXPECT_EQ(pool_.waiting(), waiting_.size());
        EXPECT_TRUE(waiting_.empty() || idle_.empty()) << "a caller waits beside an idle connection";
        const bool progress = all > 0 || pool_.next_tick().has_value();
        EXPECT_TRUE(waiting_.empty() || progress) << "a caller waits for nothing";
        if (const auto due = pool_.next_tick(); due && *due <= now_) {
            perform(pool_.tick(now_));
            const auto after = pool_.next_tick();
            EXPECT_TRUE(!after || *after > now_) << "a timer would spin";
        }
    }

    std::mt19937 random_;
    pool_options options_;
    pool_state pool_;
    steady_clock::time_point now_ = t0;
    waiter_id last_waiter_ = 0;
    std::deque<waiter_id> waiting_;
    std::set<slot_id> in_use_, idle_, connecting_, closing_;
};

TEST(pool_state, keeps_its_promises_whatever_happens) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        const pool_options options{
            .max_connections = 1 + seed % 4,
            .min_connections = seed % 3 == 0 ? 1U : 0U,
            .idle_timeout = seed % 2 == 0 ? 300ms : 0ms,
            .max_lifetime = seed % 5 == 0 ? 0ms : 1'500ms
        };
        random_world world(seed, options);
        for (int count = 0; count < 400; ++count) {
            world.step();
        }
        world.finish();
        if (testing::Test::HasFailure()) {
            return;
        }
    }
}

} // namespace
} // namespace hyperterse::adapter
