#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hyperterse::statement {

// What is written between {{ and }}.
enum class tag_kind : std::uint8_t {
    input,     // {{ inputs.NAME }}
    if_input,  // {{#if inputs.NAME}}
    otherwise, // {{else}}
    end_if,    // {{/if}}
    auth,      // {{ auth.… }}
    env,       // {{ env.… }}
};

struct tag {
    tag_kind kind = tag_kind::input;
    std::size_t begin = 0;   // of {{
    std::size_t end = 0;     // after }}
    std::string_view name{}; // of the input
};

struct tag_match {
    enum class outcome : std::uint8_t {
        matched,
        foreign,   // two braces that are none of ours
        malformed, // begins like one of ours
        unclosed,  // begins like one of ours, and no }} follows
    };
    outcome result = outcome::foreign;
    tag found; // of a malformed tag: kind, begin, and the end of its }}; of an unclosed one: kind and begin
};

// Reads the tag at `at`. REQUIRES: `text` has {{ there.
tag_match match_tag(std::string_view text, std::size_t at);

// "{{ inputs.NAME }}"
std::string spelled(std::string_view input_name);

// At most 40 bytes from `at`, up to the end of the line or of the tag, for use in a message.
std::string excerpt(std::string_view text, std::size_t at);

} // namespace hyperterse::statement
