#pragma once

#include "base/result.hpp"
#include "gateway/inputs.hpp"

#include <string_view>

namespace hyperterse::http {

// The pairs of `a=1&b=x+y%21`, in order, decoded. errc::invalid_request: a broken escape, not UTF-8, U+0000.
result<gateway::text_inputs> parse_query_string(std::string_view query);

} // namespace hyperterse::http
