#include "gateway/health.hpp"

#include <gtest/gtest.h>
#include <thread>

namespace hyperterse::gateway {
namespace {

TEST(health, starts_with_every_query_pending) {
    const health state(2);
    EXPECT_EQ(state.state(0), query_state::pending);
    EXPECT_EQ(state.state(1), query_state::pending);
    EXPECT_EQ(state.reason(1), "");
    EXPECT_FALSE(state.draining());
}

TEST(health, keeps_the_reason_of_a_quarantine_until_the_query_is_ready) {
    health state(2);
    state.quarantine(1, "no such table");
    EXPECT_EQ(state.state(0), query_state::pending);
    EXPECT_EQ(state.state(1), query_state::quarantined);
    EXPECT_EQ(state.reason(1), "no such table");
    state.set_ready(1);
    EXPECT_EQ(state.state(1), query_state::ready);
    EXPECT_EQ(state.reason(1), "");
}

TEST(health, drains_for_good) {
    health state(0);
    state.start_draining();
    EXPECT_TRUE(state.draining());
}

TEST(health, may_be_read_while_it_changes) {
    health state(1);
    const std::jthread writer([&] {
        for (int round = 0; round < 1'000; ++round) {
            state.quarantine(0, "down");
            state.set_ready(0);
        }
    });
    for (int round = 0; round < 1'000; ++round) {
        const query_state seen = state.state(0);
        const std::string reason = state.reason(0);
        EXPECT_TRUE(
            seen == query_state::pending || seen == query_state::ready || seen == query_state::quarantined
        );
        EXPECT_TRUE(reason.empty() || reason == "down");
    }
}

} // namespace
} // namespace hyperterse::gateway
