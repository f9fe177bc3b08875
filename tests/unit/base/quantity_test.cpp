#include "base/quantity.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace hyperterse {
namespace {

using std::chrono::milliseconds;

constexpr auto most = std::numeric_limits<std::int64_t>::max();

struct number_case {
    std::string_view text;
    std::optional<std::int64_t> number;
};

TEST(quantity, durations_have_a_unit_or_are_seconds) {
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

TEST(quantity, sizes_have_a_unit_or_are_bytes) {
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
} // namespace hyperterse
