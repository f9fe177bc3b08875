#include "base/percent.hpp"

#include <gtest/gtest.h>

namespace hyperterse {
namespace {

TEST(percent, decodes_two_hexadecimal_digits) {
    EXPECT_EQ(percent_decode("%2e%2E%2f", plus_sign::literal), "../");
    EXPECT_EQ(percent_decode("a%00b", plus_sign::literal), std::string_view("a\0b", 3));
}

TEST(percent, takes_a_plus_sign_as_a_space_only_when_told) {
    EXPECT_EQ(percent_decode("a+b%20c", plus_sign::literal), "a+b c");
    EXPECT_EQ(percent_decode("a+b%20c", plus_sign::space), "a b c");
}

TEST(percent, refuses_a_broken_escape) {
    for (const std::string_view broken : {"%", "%2", "%zz", "a%2", "%-1", "% 1"}) {
        EXPECT_FALSE(percent_decode(broken, plus_sign::literal)) << broken;
    }
}

} // namespace
} // namespace hyperterse
