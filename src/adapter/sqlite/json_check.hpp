#pragma once

#include <string_view>

namespace hyperterse::adapter::sqlite {

// Whether all of `text` is one JSON value (RFC 8259) in valid UTF-8, nested at most 1,000 deep.
bool is_json(std::string_view text);

} // namespace hyperterse::adapter::sqlite
