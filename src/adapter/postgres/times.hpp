#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

// The server's texts of dates and times (DateStyle ISO) in the form of ISO 8601. Years before Christ keep the
// server's ` BC` at the end, which ISO 8601 has no common form for.
namespace hyperterse::adapter::postgres {

// Room for the longest of them, `294276-12-31T23:59:59.999999+15:59:59 BC` and some.
using time_buffer = std::array<char, 64>;

// All give a view of `buffer`, or nothing when `text` has another form, as `infinity` has.

// `2024-01-01 00:00:00.5` → `2024-01-01T00:00:00.5`
std::optional<std::string_view> iso_timestamp(std::string_view text, time_buffer& buffer);
// `2024-01-01 00:30:00.5+02` → `2023-12-31T22:30:00.5Z`
std::optional<std::string_view> utc_timestamp(std::string_view text, time_buffer& buffer);
// `10:30:00.25+02` → `10:30:00.25+02:00`
std::optional<std::string_view> iso_timetz(std::string_view text, time_buffer& buffer);

} // namespace hyperterse::adapter::postgres
