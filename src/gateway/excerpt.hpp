#pragma once

#include <string>
#include <string_view>

namespace hyperterse::gateway {

// `text` as it may be repeated to a client: at most 100 bytes, cut between code points, with an ellipsis
// where it was cut.
std::string excerpt(std::string_view text);

} // namespace hyperterse::gateway
