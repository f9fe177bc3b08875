#pragma once

#include "base/value.hpp"
#include "gateway/inputs.hpp"
#include "gateway/json_object.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace hyperterse::gateway {

enum class refusal_cause : std::uint8_t { type, bounds };

// Why a value was refused, for the client: `cannot convert 'x' to int: …`, `must be at least 1`.
struct refusal {
    std::string message;
    refusal_cause cause = refusal_cause::type;
};

// value() on a refusal is a broken invariant of ours: std::logic_error.
[[noreturn]] void throw_exception_from_error(const refusal& why, const boost::source_location& where);

template <class T>
using converted = boost::system::result<T, refusal>;

// Text as a value to convert: parsed as JSON for a `json`, a string for all other types.
converted<json_value> from_text(std::string_view text, value_type type);

// One value, or one element of an array, as the type of `expected`; a choice becomes the index of its word.
// Null has no conversion. The bounds of `expected` are not checked.
converted<scalar> convert(const json_value& given, const input& expected);

// A whole value of `expected`, converted and within its bounds; the problem of an array names the item. Null
// is accepted where the default is NULL.
converted<value> to_value(const json_value& given, const input& expected);

} // namespace hyperterse::gateway
