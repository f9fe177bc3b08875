#pragma once

#include "statement/dialect.hpp"

#include <string_view>

namespace hyperterse::statement {

// Everything in which the dialects differ lexically and in the text that is emitted. Sources: PostgreSQL 15
// scan.l with standard_conforming_strings on, SQLite tokenize.c.
struct dialect_rules {
    std::string_view parameter;        // what stands before the number of a parameter
    std::string_view as_text;          // makes a parameter text, inside a concatenation
    std::string_view own_parameters;   // first characters of parameters written in the statement itself
    std::string_view name_quotes;      // opening quotes of identifiers
    std::string_view literal_prefixes; // lower-case letters that change the literal they directly precede
    std::string_view line_ends;        // what ends a line comment
    bool ampersand_prefix;             // U&'…' and U&"…"
    bool dollar_quotes;                // $tag$…$tag$
    bool nested_comments;
    bool continued_literals; // 'a' <newline> 'b' is one literal
    bool typed_literals;     // DATE '…' is a value of that type
    bool array_type;         // an array is bound as such; otherwise as its JSON text
};

const dialect_rules& rules_of(dialect target);

} // namespace hyperterse::statement
