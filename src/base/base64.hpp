#pragma once

#include <string>
#include <string_view>

namespace hyperterse {

// Appends the bytes in the standard alphabet of RFC 4648 with padding.
void append_base64(std::string& out, std::string_view bytes);

} // namespace hyperterse
