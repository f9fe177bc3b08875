#include "base/quantity.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <system_error>

namespace hyperterse {

namespace {

struct unit {
    std::string_view suffix;
    double factor;
};
constexpr std::array duration_units{
    unit{"ms", 1},
    unit{"s", 1'000},
    unit{"m", 60'000},
    unit{"h", 3'600'000},
    unit{"", 1'000},
};
constexpr std::array size_units{
    unit{"B", 1},
    unit{"KiB", 1024},
    unit{"MiB", 1024.0 * 1024},
    unit{"GiB", 1024.0 * 1024 * 1024},
    unit{"", 1},
};

std::optional<std::int64_t> parse_quantity(std::string_view text, std::span<const unit> units) {
    text = trim(text);
    double number = 0;
    const char* const end = text.data() + text.size();
    if (text.empty() || !is_digit(text.front())) {
        return std::nullopt;
    }
    const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    const bool too_large = read.ec == std::errc::result_out_of_range;
    const std::string_view suffix = trim({read.ptr, static_cast<std::size_t>(end - read.ptr)});
    const auto found = std::ranges::find(units, suffix, &unit::suffix);
    if ((read.ec != std::errc() && !too_large) || found == units.end()) {
        return std::nullopt;
    }
    const double scaled = std::round(number * found->factor);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    // 2^63 is the first double beyond the range.
    return too_large || scaled >= 0x1p63 ? most : static_cast<std::int64_t>(scaled);
}

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto count = parse_quantity(text, duration_units);
    if (!count) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(*count);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    return parse_quantity(text, size_units);
}

} // namespace hyperterse
