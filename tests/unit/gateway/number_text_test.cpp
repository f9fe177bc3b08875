#include "gateway/number_text.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace hyperterse::gateway {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

template <class T>
struct reading_case {
    std::string_view text;
    number_result<T> expected;
};

TEST(read_digits, reads_all_64_bits_and_not_one_more) {
    const reading_case<std::int64_t> cases[] = {
        {"0", 0},
        {"+7", 7},
        {"-7", -7},
        {"007", 7},
        {"9223372036854775807", largest},
        {"-9223372036854775808", smallest},
        {"9223372036854775808", number_fault::range},
        {"-9223372036854775809", number_fault::range},
        {"99999999999999999999999999", number_fault::range},
        {"", number_fault::syntax},
        {"+", number_fault::syntax},
        {"-", number_fault::syntax},
        {"+-1", number_fault::syntax},
        {" 1", number_fault::syntax},
        {"1 ", number_fault::syntax},
        {"1_0", number_fault::syntax},
        {"0x1F", number_fault::syntax},
        {"1e3", number_fault::syntax},
        {"5.0", number_fault::syntax},
        {"99999999999999999999999999x", number_fault::syntax},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(read_digits(text), expected) << text;
    }
}

TEST(read_integral, accepts_every_notation_of_an_integral_number) {
    const reading_case<std::int64_t> cases[] = {
        {"5", 5},
        {"5.0", 5},
        {"5.000", 5},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1.5e1", 15},
        {"1500e-2", 15},
        {"0e999999999999", 0},
        {"-0.0", 0},
        {"9.223372036854775807e18", largest},
        {"-9.223372036854775808e18", smallest},
        {"9.223372036854775808e18", number_fault::range},
        {"1e400", number_fault::range},
        {"1e999999999999999999999", number_fault::range},
        {"3.9", number_fault::syntax},
        {"1e-1", number_fault::syntax},
        {"1.23e1", number_fault::syntax},
        {"abc", number_fault::syntax},
        {"", number_fault::syntax},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(read_integral(text), expected) << text;
    }
}

TEST(read_double, reads_finite_decimal_numbers) {
    const reading_case<double> cases[] = {
        {"0", 0.0},
        {"+1.5", 1.5},
        {"-1.5", -1.5},
        {".5", 0.5},
        {"5.", 5.0},
        {"1e3", 1000.0},
        {"1.7976931348623157e308", std::numeric_limits<double>::max()},
        {"4.9e-324", std::numeric_limits<double>::denorm_min()},
        {"1e-400", 0.0},
        {"0.0000e999999999999", 0.0},
        {"1e400", number_fault::range},
        {"-1e400", number_fault::range},
        {"", number_fault::syntax},
        {".", number_fault::syntax},
        {"e5", number_fault::syntax},
        {"1e", number_fault::syntax},
        {"1e+", number_fault::syntax},
        {"NaN", number_fault::syntax},
        {"inf", number_fault::syntax},
        {"-Infinity", number_fault::syntax},
        {"0x1p3", number_fault::syntax},
        {"1_0", number_fault::syntax},
        {"1.2.3", number_fault::syntax},
        {"1 ", number_fault::syntax},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(read_double(text), expected) << text;
    }
}

TEST(read_double, takes_what_is_too_small_for_zero_and_what_is_too_large_for_an_error) {
    const std::string many_zeros(400, '0');
    EXPECT_EQ(read_double("0." + many_zeros + "1"), number_result<double>(0.0));
    EXPECT_EQ(read_double("1" + many_zeros), number_result<double>(number_fault::range));
    EXPECT_EQ(read_double("1" + many_zeros + "e-5"), number_result<double>(number_fault::range));
    EXPECT_EQ(read_double("1" + many_zeros + "e-400"), number_result<double>(1.0));
    EXPECT_TRUE(std::signbit(std::get<double>(read_double("-1e-400"))));
}

TEST(read_decimal, gives_plain_digits_without_losing_any) {
    const reading_case<std::string> cases[] = {
        {"1.50", "1.50"},
        {"+1.5", "1.5"},
        {"-0.10", "-0.10"},
        {"007.1", "7.1"},
        {".5", "0.5"},
        {"5.", "5"},
        {"-0.00", "0.00"},
        {"0e5", "0"},
        {"1e3", "1000"},
        {"1.25e1", "12.5"},
        {"1.25e2", "125"},
        {"12.5e-3", "0.0125"},
        {"12345678901234567890.123456789012345678901234567890",
         "12345678901234567890.123456789012345678901234567890"},
        {"1e999", "1" + std::string(999, '0')},
        {"1e1000", number_fault::range},
        {"1e-1000", number_fault::range},
        {"1e2147483648", number_fault::range},
        {"1e-99999999999999999999", number_fault::range},
        {"NaN", number_fault::syntax},
        {"", number_fault::syntax},
        {"-", number_fault::syntax},
        {"1,5", number_fault::syntax},
        {"--1", number_fault::syntax},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(read_decimal(text), expected) << text;
    }
    EXPECT_EQ(read_decimal(std::string(1'000, '9')), number_result<std::string>(std::string(1'000, '9')));
    EXPECT_EQ(read_decimal(std::string(1'001, '9')), number_result<std::string>(number_fault::range));
}

struct order_case {
    std::string_view left;
    std::string_view right;
    std::strong_ordering expected;
};

TEST(compare_decimals, orders_by_value) {
    const auto less = std::strong_ordering::less;
    const auto equal = std::strong_ordering::equal;
    const order_case cases[] = {
        {"1.5", "1.50", equal},
        {"0", "0.00", equal},
        {"9", "10", less},
        {"1.09", "1.1", less},
        {"1", "1.0001", less},
        {"-1", "1", less},
        {"-10", "-9", less},
        {"-1.5", "-1.25", less},
        {"99999999999999999999999998", "99999999999999999999999999", less},
    };
    for (const auto& [left, right, expected] : cases) {
        EXPECT_EQ(compare_decimals(left, right), expected) << left << " " << right;
        EXPECT_EQ(compare_decimals(right, left), 0 <=> expected) << right << " " << left;
    }
}

} // namespace
} // namespace hyperterse::gateway
