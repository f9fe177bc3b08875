#include "adapter/postgres/placement.hpp"

#include <gtest/gtest.h>

namespace hyperterse::adapter::postgres {
namespace {

using namespace std::chrono_literals;

constexpr placement::time_point t0{1h};

TEST(placement, starts_apart_and_shares_after_a_short_execution) {
    placement place;
    EXPECT_FALSE(place.shared());
    place.was_short(t0);
    EXPECT_TRUE(place.shared());
}

TEST(placement, keeps_a_long_statement_apart_for_a_second_whatever_comes_in_between) {
    placement place;
    place.was_short(t0);
    place.was_long(t0);
    EXPECT_FALSE(place.shared());
    place.was_short(t0 + 999ms);
    EXPECT_FALSE(place.shared());
    place.was_short(t0 + 1s);
    EXPECT_TRUE(place.shared());
}

TEST(placement, lets_a_suspected_statement_back_as_soon_as_an_execution_apart_is_short) {
    placement place;
    place.was_short(t0);
    place.suspect();
    EXPECT_FALSE(place.shared());
    place.was_short(t0);
    EXPECT_TRUE(place.shared());
}

TEST(placement, lets_a_statement_back_after_a_thousand_short_executions_in_a_row) {
    placement place;
    place.was_long(t0);
    const auto run_short = [&place](int times) {
        for (int count = 0; count < times; ++count) {
            place.was_short(t0);
        }
    };
    run_short(999);
    place.was_long(t0);
    run_short(999);
    EXPECT_FALSE(place.shared());
    run_short(1);
    EXPECT_TRUE(place.shared());
}

TEST(placement, doubles_the_time_apart_each_time_up_to_a_minute) {
    placement place;
    auto now = t0;
    for (const auto apart : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        place.was_long(now);
        place.was_short(now + apart - 1ms);
        EXPECT_FALSE(place.shared());
        now += apart;
        place.was_short(now);
        EXPECT_TRUE(place.shared());
    }
}

TEST(placement, counts_the_executions_that_were_long_together_once) {
    placement place;
    place.was_long(t0);
    place.was_long(t0 + 1ms);
    place.was_long(t0 + 999ms);
    place.was_short(t0 + 1s);
    EXPECT_TRUE(place.shared());
}

TEST(placement, forgives_after_four_times_the_penalty) {
    placement place;
    place.was_long(t0);
    place.was_long(t0 + 1s + 4s);
    place.was_short(t0 + 1s + 4s + 1s);
    EXPECT_TRUE(place.shared());
}

} // namespace
} // namespace hyperterse::adapter::postgres
