#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::gateway {

struct json_member;

// A JSON value that keeps the exact text of its numbers, which a double would lose.
struct json_value {
    enum class kind : std::uint8_t { null, boolean, number, string, array, object };
    kind type = kind::null;
    bool flag = false;
    std::string text;                 // of a number: as written; of a string: decoded
    std::vector<json_value> items;    // of an array
    std::vector<json_member> members; // of an object, in order
};

struct json_member {
    std::string name;
    json_value content;
};

struct json_limits {
    std::size_t depth = 32;      // levels of nesting; 1 is the outermost array or object
    std::size_t values = 65'536; // in all: each takes some 90 bytes, however short its text
};

// The one JSON value (RFC 8259) that `text` consists of. errc::invalid_request, with what and at which byte,
// counted from 1: not JSON, a key twice in one object, nested too deep, too many values, not UTF-8,
// U+0000 in a string.
result<json_value> parse_json(std::string_view text, json_limits limits);

// The inputs of a request: its members in order. All bytes of `text` are one JSON object, or nothing but
// white space (no inputs). errc::invalid_request as parse_json(), and when it is not an object.
using input_object = std::vector<json_member>;
result<input_object> parse_inputs(std::string_view text, json_limits limits);

// The value as compact JSON, numbers as they were written.
void append_json(std::string& out, const json_value& shown);

} // namespace hyperterse::gateway
