#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the text of a scalar means. All pure.
namespace hyperterse::config {

enum class scalar_kind : std::uint8_t { null, boolean, integer, floating, text };

// The kind of an unquoted scalar by the rules of yaml.v3: yes, no, on and off are text; 0x1F, 0o17, 017 and
// 1_000 are integers; dates are text.
scalar_kind resolve_plain(std::string_view text);

// True exactly for true, True and TRUE. REQUIRES: resolve_plain() says boolean.
bool boolean_value(std::string_view text);

// The number in decimal, as JSON writes it, keeping every digit: 0x1F is 31, +.50 is 0.50; infinities and
// not-a-number stay as they are. REQUIRES: resolve_plain() says integer or floating.
std::string decimal_text(std::string_view text);

// A whole number in any of the notations of resolve_plain(); saturates at the ends of the range.
std::optional<std::int64_t> parse_whole(std::string_view text);

} // namespace hyperterse::config
