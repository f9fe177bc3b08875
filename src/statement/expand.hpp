#pragma once

#include "statement/compile.hpp"
#include "statement/lexer.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace hyperterse::statement {

// One combination of a template's options as text: no {{#if}} and no choice is left in it. Text that came
// together here never becomes one token.
class expansion {
public:
    const std::string& text() const { return text_; }
    // The place in the template of what stands at `offset`; of a fragment: the place of its placeholder.
    std::size_t template_offset(std::size_t offset) const;

private:
    friend class expander; // expand.cpp
    struct segment {
        std::size_t begin;  // in text_
        std::size_t origin; // in the template
        bool fixed;         // all of it comes from `origin`
    };
    std::string text_;
    std::vector<segment> segments_;
};

// REQUIRES: check() found no error in the structure of `source`; one option per selector.
expansion expand(
    const lexed& source,
    std::span<const input_declaration> inputs,
    std::span<const selector> selectors,
    std::span<const std::size_t> options
);

} // namespace hyperterse::statement
