#include "adapter/postgres/placement.hpp"

#include <gtest/gtest.h>

namespace hyperterse::adapter::postgres {
namespace {

using namespace std::chrono_literals;
using choice = placement::choice;

constexpr placement::time_point t0{1h};

TEST(placement, probes_a_statement_that_nothing_is_known_of_while_others_wait) {
    placement place;
    EXPECT_EQ(place.choose(t0), choice::probe);
    EXPECT_EQ(place.choose(t0), choice::wait);
    EXPECT_EQ(place.choose(t0 + 249ms), choice::wait);
    place.was_short(t0 + 249ms);
    EXPECT_EQ(place.choose(t0 + 249ms), choice::share);
}

TEST(placement, shares_a_statement_whose_probe_does_not_come_to_run) {
    placement place;
    EXPECT_EQ(place.choose(t0), choice::probe);
    EXPECT_EQ(place.choose(t0 + 249ms), choice::wait);
    EXPECT_EQ(place.choose(t0 + 250ms), choice::share);
    place.suspect(t0 + 1s);
    EXPECT_EQ(place.choose(t0 + 1s), choice::wait);
    EXPECT_EQ(place.choose(t0 + 1s + 250ms), choice::share);
}

TEST(placement, keeps_a_long_statement_apart_for_a_second_whatever_comes_in_between) {
    placement place;
    place.was_long(t0);
    EXPECT_EQ(place.choose(t0), choice::apart);
    place.was_short(t0 + 999ms);
    EXPECT_EQ(place.choose(t0 + 999ms), choice::apart);
    EXPECT_EQ(place.choose(t0 + 1s), choice::probe);
    place.was_short(t0 + 1s);
    EXPECT_EQ(place.choose(t0 + 1s), choice::share);
}

TEST(placement, lets_a_suspected_statement_back_as_soon_as_its_probe_is_short) {
    placement place;
    place.was_short(t0);
    place.suspect(t0);
    EXPECT_EQ(place.choose(t0), choice::wait);
    place.was_short(t0 + 1ms);
    EXPECT_EQ(place.choose(t0 + 1ms), choice::share);
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
    EXPECT_EQ(place.choose(t0), choice::apart);
    run_short(1);
    EXPECT_EQ(place.choose(t0), choice::share);
}

TEST(placement, doubles_the_time_apart_each_time_up_to_a_minute) {
    placement place;
    auto now = t0;
    for (const auto apart : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        place.was_long(now);
        EXPECT_EQ(place.choose(now + apart - 1ms), choice::apart);
        now += apart;
        EXPECT_EQ(place.choose(now), choice::probe);
    }
}

TEST(placement, counts_the_executions_that_were_long_together_once) {
    placement place;
    place.was_long(t0);
    place.was_long(t0 + 1ms);
    place.was_long(t0 + 999ms);
    EXPECT_EQ(place.choose(t0 + 1s), choice::probe);
}

TEST(placement, forgives_after_four_times_the_penalty) {
    placement place;
    place.was_long(t0);
    place.was_long(t0 + 1s + 4s);
    EXPECT_EQ(place.choose(t0 + 1s + 4s + 1s), choice::probe);
}

TEST(placement, bears_a_failure_now_and_then_but_not_many) {
    placement place;
    place.was_short(t0);
    place.was_refused(t0);
    place.was_refused(t0 + 100ms);
    EXPECT_EQ(place.choose(t0 + 100ms), choice::share);
    place.was_refused(t0 + 199ms);
    EXPECT_EQ(place.choose(t0 + 199ms), choice::apart);
}

} // namespace
} // namespace hyperterse::adapter::postgres
