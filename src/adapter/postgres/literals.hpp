#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The texts of array and composite values
// (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO,
// https://www.postgresql.org/docs/15/rowtypes.html).
namespace hyperterse::adapter::postgres {

// Reads such a text from its start. Never reads beyond its end.
class literal_reader {
public:
    explicit literal_reader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool is_at(char expected) const { return rest_.starts_with(expected); }
    bool take(char expected);

    // The bounds of an array, `[2:3][0:1]=`, are left out, if there are any. False: what stands there are
    // none.
    bool skip_bounds();

    // A part in quotes, without these and without what escapes. It is a view of the text, or of `unescaped`.
    // Nothing: it does not start or does not end.
    std::optional<std::string_view> take_quoted(std::string& unescaped);

    // What comes before the next of `ends`, or before the end.
    std::string_view take_until(std::string_view ends);

private:
    std::string_view rest_;
};

// Appends text as an element in quotes.
void append_array_element(std::string& literal, std::string_view text);

} // namespace hyperterse::adapter::postgres
