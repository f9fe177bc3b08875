#pragma once

#include <cstdint>

namespace hyperterse::statement {

// How statement text is read and how parameters are written: one row each in rules.cpp.
enum class dialect : std::uint8_t { sqlite, postgres };

} // namespace hyperterse::statement
