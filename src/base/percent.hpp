#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hyperterse {

enum class plus_sign : std::uint8_t { literal, space };

// %XX decoded; nullopt when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text, plus_sign plus);

} // namespace hyperterse
