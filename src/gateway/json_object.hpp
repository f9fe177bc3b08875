#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperterse::gateway {

// A JSON value that keeps the exact text of its numbers, which a double would lose.
struct json_value {
    enum class kind : std::uint8_t { null, boolean, number, string, array, object };
    kind type = kind::null;
    bool flag = false;
    std::string text;                                        // of a number: as written; of a string: decoded
    std::vector<json_value> items;                           // of an array
    std::vector<std::pair<std::string, json_value>> members; // of an object, in order
};

struct json_limits {
    std::size_t depth = 32; // levels of nesting; 1 is the outermost object
};

// The inputs of a request: its members in order. All bytes of `text` are one JSON object, or nothing but
// white space (no inputs). errc::invalid_request, with what and where: not JSON, not an object, a key twice
// at any level, nested too deep, not UTF-8, U+0000 in a string.
using input_object = std::vector<std::pair<std::string, json_value>>;
result<input_object> parse_inputs(std::string_view text, json_limits limits);

// The value as compact JSON, numbers as they were written.
void append_json(std::string& out, const json_value& shown);

} // namespace hyperterse::gateway
