#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hyperterse {

// 500ms, 30s, 5m, 1h, or a plain number of seconds; not negative. Saturates.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// 64KiB, 1MiB, 2GiB, or a plain number of bytes; not negative. Saturates.
std::optional<std::int64_t> parse_size(std::string_view text);

} // namespace hyperterse
