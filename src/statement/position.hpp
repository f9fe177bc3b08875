#pragma once

#include "statement/lexer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::statement {

// The parentheses and lists that a token stands in, followed token by token from the start of a statement.
class scope_tracker {
public:
    enum class list : std::uint8_t {
        none,
        names, // after FROM, JOIN: table names
        keys,  // after ORDER BY, GROUP BY, PARTITION BY
    };

    explicit scope_tracker(const lexed& source) : source_(source) {}

    // Goes past token `index`. REQUIRES: called for each token in order.
    void advance(std::size_t index);

    list inside() const { return scopes_.back().inside; }
    bool in_list_of_values() const { return scopes_.back().of_in; } // directly in the parentheses of IN (…)
    // Whether FROM at `index` begins a list of tables; it does not in EXTRACT(x FROM y), IS DISTINCT FROM y.
    bool is_from_clause(std::size_t index) const;

private:
    struct scope {
        bool query;
        bool of_in;
        list inside;
    };
    void enter_word(std::size_t index);

    const lexed& source_;
    std::vector<scope> scopes_{{.query = true, .of_in = false, .inside = list::none}};
};

// Why no value can be bound at a place.
struct refusal {
    std::string_view reason; // goes on after the placeholder: "is the name of …"
    std::string_view hint;
};

// Looks at the value that is written with the tokens from `first` to `last`, when `at` is before `first`.
// Empty: an expression can stand there.
std::optional<refusal>
refuse_value(const lexed& source, const scope_tracker& at, std::size_t first, std::size_t last);

// The first token of the type in DATE '…' and TIMESTAMP(3) WITH TIME ZONE '…', for the literal or
// placeholder at `index`; `index` itself when there is no type.
std::size_t typed_literal_begin(const lexed& source, std::size_t index);

// The type that the value at `index` is cast to, in lower case, when it is written x::type or
// CAST(x AS type); else empty.
std::string cast_type(const lexed& source, std::size_t index);

} // namespace hyperterse::statement
