#pragma once

#include <string>
#include <string_view>

namespace hyperterse::adapter::postgres {

// Appends the bytes of a bytea as the server writes it, in the hex or the escape format. False: `text` is
// neither; what was appended is of no use.
bool decode_bytea(std::string_view text, std::string& bytes);

} // namespace hyperterse::adapter::postgres
