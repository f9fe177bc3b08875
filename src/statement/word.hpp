#pragma once

#include <cstdint>
#include <string_view>

namespace hyperterse::statement {

// What the compiler knows of a bare word of SQL: a set of the traits below.
using word_traits = std::uint8_t;

namespace trait {
inline constexpr word_traits takes_value = 1;  // an expression may follow it directly
inline constexpr word_traits takes_name = 2;   // a table, column, alias or type must follow it
inline constexpr word_traits ends_list = 4;    // ends a FROM, ORDER BY or GROUP BY list
inline constexpr word_traits begins_query = 8; // the parenthesis that it stands in is a query
inline constexpr word_traits changes = 16;     // a statement with this word may change data
inline constexpr word_traits type_name = 32;   // PostgreSQL: begins a literal such as DATE '…'
} // namespace trait

// 0 for a word that is not in the table. Any case.
word_traits traits_of(std::string_view word);

// Letters, digits, _, $ and every byte of a multi-byte character.
bool is_word_char(char c);

} // namespace hyperterse::statement
