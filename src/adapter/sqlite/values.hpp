#pragma once

#include "adapter/batch.hpp"
#include "base/value.hpp"
#include "statement/statement.hpp"

#include <cstdint>
#include <span>
#include <sqlite3.h>
#include <string_view>
#include <variant>
#include <vector>

// Between the values of the product and those of SQLite.
namespace hyperterse::adapter::sqlite {

// How the declared type of a column shapes its values. Dates and times, for which SQLite has no type, are
// given as they are stored, text or number.
enum class column_rule : std::uint8_t {
    as_stored,
    boolean, // BOOLEAN: 0 and 1 are false and true
    json,    // JSON: text that is valid JSON is embedded
};
// `declared` may be null.
column_rule rule_of(const char* declared);

// What an exact number can be bound as: an integer, the double that is written the same way, or neither.
std::variant<std::monostate, std::int64_t, double> exact_number(std::string_view decimal);

// Turns arrays into the JSON text that json_each() takes apart. Call before bind_arguments(), once.
void encode_arrays(std::span<value> arguments, std::span<const statement::parameter> parameters);

// Binds all; text stays where it is, so that `arguments` have to outlive the bindings. An SQLite result code.
// REQUIRES: encode_arrays() was called; one argument per parameter.
int bind_arguments(
    sqlite3_stmt* to, std::span<const value> arguments, std::span<const statement::parameter> parameters
);

struct cell_options {
    bool bigint_as_text = false; // integers that a double cannot hold become text
};

// Appends the row that `from` stands on; text is copied.
void append_row(
    sqlite3_stmt* from, std::span<const column_rule> rules, const cell_options& options, row_batch& to
);

} // namespace hyperterse::adapter::sqlite
