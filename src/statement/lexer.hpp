#pragma once

#include "statement/compile.hpp"
#include "statement/rules.hpp"
#include "statement/tag.hpp"
#include "statement/word.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hyperterse::statement {

enum class token_kind : std::uint8_t {
    word,          // keyword or bare identifier
    number,        //
    quoted_name,   // "…", `…`, […], U&"…"
    string,        // '…' with or without a prefix
    dollar_string, // $tag$…$tag$
    symbol,        // one character, or ::
    own_parameter, // ?1, :name, $1 …: written in the statement itself
    tag,           // a placeholder that is a token of its own
    end,           // after the last token; always there, always last
};

struct token {
    token_kind kind = token_kind::end;
    char prefix = 0;        // of a string or a quoted name: e, b, x, n or u
    word_traits traits = 0; // of a word
    std::size_t gap = 0;    // where the white space and the comments before it begin
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t first_tag = 0; // the tags inside it, or the one that it is: in lexed::tags
    std::size_t tag_count = 0;

    bool holds_tags() const { return tag_count > 0; }
    // Of a string: where the text between its quotes begins.
    std::size_t content() const { return begin + (prefix == 0 ? 1 : prefix == 'u' ? 3 : 2); }
};

struct lexed {
    std::string_view text;
    std::vector<token> tokens;
    std::vector<tag> tags;         // in tokens, in order
    std::vector<tag> comment_tags; // in comments, in order
    std::vector<problem> problems; // all errors
    bool complete = true;          // false: a literal, comment or name has no end: the rest was not read
    bool ends_in_line_comment = false;

    std::string_view text_of(const token& each) const {
        return text.substr(each.begin, each.end - each.begin);
    }
    std::string_view gap_of(const token& each) const { return text.substr(each.gap, each.begin - each.gap); }
    std::span<const tag> tags_of(const token& each) const {
        return std::span(tags).subspan(each.first_tag, each.tag_count);
    }
    // Whether the token is '{{ … }}': one placeholder and nothing else between the quotes.
    bool is_whole_literal(const token& each) const;
    // Any case. REQUIRES: `word` is in lower case.
    bool is_word(const token& each, std::string_view word) const;
    bool is_symbol(const token& each, std::string_view symbol) const {
        return each.kind == token_kind::symbol && text_of(each) == symbol;
    }
};

// Splits a statement into tokens as its database would, and finds the placeholders wherever they stand. The
// result views `text`.
lexed lex(std::string_view text, const dialect_rules& rules);

} // namespace hyperterse::statement
