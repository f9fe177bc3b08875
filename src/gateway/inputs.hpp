#pragma once

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "base/value.hpp"
#include "config/model.hpp"
#include "gateway/json_object.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace hyperterse::gateway {

// Bounds on one value; numbers compare exactly, lengths count Unicode code points.
struct constraints {
    std::optional<scalar> min; // of the input's type; decimal, date and datetime as text
    std::optional<scalar> max;
    std::optional<std::size_t> min_length;
    std::optional<std::size_t> max_length;
    std::optional<std::size_t> min_items;
    std::optional<std::size_t> max_items;
    std::shared_ptr<const re2::RE2> pattern; // the whole value must match
    std::string pattern_text;
    std::string format;          // "", "email" or "uri"
    std::vector<scalar> allowed; // empty: any
};

// A typed input of a query, ready to check values.
struct input {
    std::string name;
    value_type type;
    bool array = false;
    bool required = true;
    std::string description;
    std::optional<value> default_value; // monostate: NULL
    std::vector<std::string> choice_words;
    constraints bounds;
};

// Checks default and constraints against the type. Reports at the place of each; what it returns is usable
// only when nothing was reported as an error.
input compile_input(const config::input_config& written, diagnostics& found);

// One value per input, in the order of `inputs`: validated, defaults filled in. A `choice` becomes the index
// of its word, as an integer. errc::invalid_input with every problem of the request, in upstream's words.
result<std::vector<value>> validate(const std::vector<input>& inputs, const input_object& given);

// Inputs from a query string: names and values already percent-decoded, in order; a repeated name is an array
// element. Values are text, read by the input's type.
using text_inputs = std::vector<std::pair<std::string, std::string>>;
result<std::vector<value>> validate(const std::vector<input>& inputs, const text_inputs& given);

} // namespace hyperterse::gateway
