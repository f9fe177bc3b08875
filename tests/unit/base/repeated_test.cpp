#include "base/repeated.hpp"

#include <gtest/gtest.h>

namespace hyperterse {
namespace {

using namespace std::chrono_literals;

constexpr steady_clock::time_point t0{1h};

TEST(repeated, is_news_when_it_is_another_reason_or_a_minute_has_passed) {
    repeated failures;
    EXPECT_TRUE(failures.is_news("refused", t0));
    EXPECT_FALSE(failures.is_news("refused", t0 + 59s));
    EXPECT_TRUE(failures.is_news("refused", t0 + 60s));
    EXPECT_TRUE(failures.is_news("no such host", t0 + 61s));
    EXPECT_TRUE(failures.is_news("refused", t0 + 62s));
}

TEST(repeated, is_news_again_after_it_worked) {
    repeated failures;
    failures.is_news("refused", t0);
    failures.reset();
    EXPECT_TRUE(failures.is_news("refused", t0));
}

} // namespace
} // namespace hyperterse
