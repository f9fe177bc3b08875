#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hyperterse::statement {

// How statement text is read and how parameters are written. One row of the compiler's table each.
enum class dialect : std::uint8_t { sqlite, postgres };

} // namespace hyperterse::statement
