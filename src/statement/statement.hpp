#pragma once

#include "base/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperterse::statement {

// Statement text as it goes to the database. Only the template compiler makes it, only from text of the
// configuration, at load: a request has no way to obtain one, so that what a client sends can never become
// part of a statement.
class sql_text {
public:
    // Has no NUL in it, and one directly behind it, for C interfaces.
    std::string_view view() const { return text_; }

private:
    friend class text_builder; // emit.cpp
    explicit sql_text(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// The n-th parameter of a statement ($n, ?n): which input is bound to it and how. An array is bound as such
// where the dialect has array types (PostgreSQL), else as one JSON text (SQLite). One input may have several
// parameters.
struct parameter {
    std::size_t input; // index into the inputs given to compile()
    value_type type;
    bool array = false;
};

enum class effect : std::uint8_t { read, write };

// One finished statement: immutable after load, shared by all workers for the life of the catalog.
struct statement {
    sql_text text;
    std::vector<parameter> parameters;
    effect apparent_effect; // by its words alone, a write in doubt; the engine proves it
};

} // namespace hyperterse::statement
