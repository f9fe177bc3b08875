#pragma once

#include "adapter/batch.hpp"

#include <string>

namespace hyperterse::adapter {

// Appends one value as JSON: bytes as base64, NaN and infinities as strings.
void append_json(std::string& out, const cell& shown);

} // namespace hyperterse::adapter
