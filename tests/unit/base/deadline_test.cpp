#include "base/deadline.hpp"

#include <gtest/gtest.h>

namespace hyperterse {
namespace {

TEST(deadline, passes_at_its_point_in_time_and_never_before) {
    const deadline until{steady_clock::time_point(std::chrono::seconds(10))};
    EXPECT_FALSE(until.passed(until.at - std::chrono::nanoseconds(1)));
    EXPECT_TRUE(until.passed(until.at));
    EXPECT_FALSE(deadline::never().passed());
    EXPECT_LT(until, deadline::never());
}

TEST(call_context, is_interrupted_by_its_deadline_or_by_a_stop) {
    std::stop_source source;
    const call_context context{deadline::never(), source.get_token()};
    EXPECT_FALSE(context.interrupted());
    source.request_stop();
    EXPECT_TRUE(context.interrupted());
    EXPECT_TRUE((call_context{deadline{steady_clock::now()}, {}}).interrupted());
}

} // namespace
} // namespace hyperterse
