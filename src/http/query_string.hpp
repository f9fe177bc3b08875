#pragma once

#include "base/result.hpp"
#include "gateway/inputs.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hyperterse::http {

enum class plus_sign : std::uint8_t { literal, space };

// %XX decoded; nullopt when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text, plus_sign plus);

// The pairs of `a=1&b=x+y%21`, in order, decoded. errc::invalid_request: a broken escape, not UTF-8, U+0000.
result<gateway::text_inputs> parse_query_string(std::string_view query);

} // namespace hyperterse::http
