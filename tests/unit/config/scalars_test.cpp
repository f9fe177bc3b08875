#include "config/scalars.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <string_view>

namespace hyperterse::config {
namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

struct kind_case {
    std::string_view text;
    scalar_kind kind;
};

TEST(scalars, unquoted_text_has_the_kind_that_yaml_v3_gives_it) {
    constexpr auto null = scalar_kind::null;
    constexpr auto boolean = scalar_kind::boolean;
    constexpr auto integer = scalar_kind::integer;
    constexpr auto floating = scalar_kind::floating;
    constexpr auto text = scalar_kind::text;
    const kind_case cases[] = {
        {"", null},
        {"~", null},
        {"null", null},
        {"Null", null},
        {"NULL", null},
        {"nULL", text},
        {"true", boolean},
        {"True", boolean},
        {"FALSE", boolean},
        {"tRue", text},
        {"yes", text},
        {"No", text},
        {"on", text},
        {"OFF", text},
        {"y", text},
        {"0", integer},
        {"-7", integer},
        {"+7", integer},
        {"0x1F", integer},
        {"0o17", integer},
        {"017", integer},
        {"0b101", integer},
        {"1_000", integer},
        {"08", floating},
        {"3.0", floating},
        {"1e3", floating},
        {".5", floating},
        {"5.", floating},
        {"+.5E-3", floating},
        {".inf", floating},
        {"-.Inf", floating},
        {".NaN", floating},
        {"1.2.3", text},
        {"-", text},
        {"+", text},
        {".", text},
        {"1e", text},
        {"0x", text},
        {"0xG", text},
        {"--1", text},
        {"2024-01-01", text},
        {"10:30", text},
        {"12a", text},
        {"null ", text},
        {"18446744073709551615", integer},
        {"18446744073709551616", floating},
        {"-9223372036854775808", integer},
        {"-9223372036854775809", floating},
    };
    for (const auto& [written, kind] : cases) {
        EXPECT_EQ(resolve_plain(written), kind) << written;
    }
}

struct text_case {
    std::string_view written;
    std::string_view decimal;
};

TEST(scalars, numbers_are_written_in_decimal_with_all_their_digits) {
    const text_case cases[] = {
        {"20", "20"},
        {"0x1F", "31"},
        {"0o17", "15"},
        {"017", "15"},
        {"0b101", "5"},
        {"1_000", "1000"},
        {"+5", "5"},
        {"-0x10", "-16"},
        {"-0", "0"},
        {"0.10", "0.10"},
        {".5", "0.5"},
        {"-.50", "-0.50"},
        {"5.", "5"},
        {"08", "8"},
        {"1e3", "1e3"},
        {"00.5E+2", "0.5e+2"},
        {".inf", ".inf"},
        {"12345678901234567890123.45", "12345678901234567890123.45"},
        {"18446744073709551615", "18446744073709551615"},
    };
    for (const auto& [written, decimal] : cases) {
        EXPECT_EQ(decimal_text(written), decimal) << written;
    }
}

struct number_case {
    std::string_view text;
    std::optional<std::int64_t> number;
};

TEST(scalars, whole_numbers_saturate_and_refuse_fractions) {
    const number_case cases[] = {
        {"5", 5},
        {" 5 ", 5},
        {"-5", -5},
        {"0x10", 16},
        {"", {}},
        {"5.0", {}},
        {"1e3", {}},
        {"five", {}},
        {"5 6", {}},
        {"9223372036854775807", most},
        {"9223372036854775808", most},
        {"-9223372036854775808", least},
        {"-9223372036854775809", least},
        {"99999999999999999999999", most},
        {"-99999999999999999999999", least},
    };
    for (const auto& [text, number] : cases) {
        EXPECT_EQ(parse_whole(text), number) << text;
    }
}

} // namespace
} // namespace hyperterse::config
