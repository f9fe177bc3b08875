#include "config/scalars.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <string_view>

namespace hyperterse::config {
namespace {

using std::chrono::milliseconds;

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

TEST(scalars, durations_have_a_unit_or_are_seconds) {
    const number_case cases[] = {
        {"500ms", 500},
        {"30s", 30'000},
        {"5m", 300'000},
        {"1h", 3'600'000},
        {"30", 30'000},
        {"0", 0},
        {"1.5s", 1'500},
        {"0.25", 250},
        {" 2 s ", 2'000},
        {"0.0001s", 0},
        {"", {}},
        {"s", {}},
        {"-1s", {}},
        {"+1s", {}},
        {"1d", {}},
        {"5 minutes", {}},
        {"1h30m", {}},
        {"1e3", {}},
        {"0x10", {}},
        {"inf", {}},
        {"nan", {}},
        {"1S", {}},
        {"999999999999999999999h", most},
        {"9223372036854775807ms", most},
        {"9223372036854775807s", most},
    };
    for (const auto& [text, number] : cases) {
        const auto read = parse_duration(text);
        EXPECT_EQ(read.has_value(), number.has_value()) << text;
        EXPECT_EQ(read.value_or(milliseconds(-1)).count(), number.value_or(-1)) << text;
    }
}

TEST(scalars, sizes_have_a_unit_or_are_bytes) {
    const number_case cases[] = {
        {"0", 0},
        {"512", 512},
        {"512B", 512},
        {"64KiB", 65'536},
        {"1MiB", 1'048'576},
        {"2 GiB", std::int64_t{2} << 30},
        {"1.5KiB", 1'536},
        {"", {}},
        {"KiB", {}},
        {"1KB", {}},
        {"1kib", {}},
        {"-1", {}},
        {"1 MB", {}},
        {"1e3", {}},
        {"99999999999999999999", most},
        {"9999999999999GiB", most},
    };
    for (const auto& [text, number] : cases) {
        EXPECT_EQ(parse_size(text), number) << text;
    }
}

} // namespace
} // namespace hyperterse::config
