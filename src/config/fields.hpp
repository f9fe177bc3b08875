#pragma once

#include "base/diagnostic.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

// The language as data: one table per kind of map. load() reads files by it, json_schema() is made from it.
namespace hyperterse::config {

class reader;
struct node;
struct field;
struct table;

// A word of the language and the enumerator it stands for.
struct word {
    std::string_view text;
    std::int64_t value = 0;
};

struct name_rule {
    std::string_view pattern; // ECMAScript, for the schema
    bool (*matches)(std::string_view name);
    std::string_view words; // what a name must be
};

// What a value of the configuration may be.
struct shape {
    enum class kind : std::uint8_t {
        text,
        flag,
        whole,    // bounds in `least` and `most`
        size,     // bounds in bytes
        duration, // bounds in milliseconds
        word,     // one of `words`
        text_list,
        word_list,
        literal,      // any scalar, or a list of them
        literal_list, // a list of scalars
        section,      // a map with the keys of `nested`
        entries,      // a map of names to sections
        text_entries, // a map of words to texts
    };
    kind type;
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::span<const word> words = {};
    const name_rule* names = nullptr; // of a text, or of the keys of entries
    const table* nested = nullptr;
    std::string_view entry = {}; // what one of the entries is called
    bool confidential = false;   // a text that is never shown
    bool numbers_too = false;    // a text that may be an unquoted number
    bool quoted_too = false;     // a flag that may be in quotes
    bool null_too = false;       // null is a value, not the same as no value
    bool single_too = false;     // a list that may be a single text
};

enum class presence : std::uint8_t {
    optional,
    required,
    required_in_total, // here or in an included file
    planned,           // a documented key that this build does not know how to honour
};

// What Hyperterse 1.4.0 ignored and ran with is a warning, not an error.
enum class tolerance : std::uint8_t {
    none,
    wrong_kind, // a value of another type
    any,        // any bad value
};

struct field {
    std::string_view key;
    shape accepts = {};
    presence needed = presence::optional;
    tolerance forgives = tolerance::none;
    std::string_view initial = {};     // the default as one would write it; empty: none
    std::string_view same_as = {};     // this key is another name of that one
    std::string_view description = {}; // for the schema
    // Checks the value and puts it into the model: `target` is what the table's map is stored in.
    void (*store)(reader& from, const field& row, const node& given, void* target) = nullptr;
};

struct table {
    std::span<const field> fields;
    // Takes a key that is not in the table; null: that is an error.
    void (*other)(reader& from, const node& key, const node& given, void* target) = nullptr;
    // Checks what several keys have to do with each other, once all are read; `at` is the map's own key.
    void (*finish)(reader& from, const location& at, void* target) = nullptr;
};

// The row of a key, other names resolved, or null.
const field* find_field(const table& of, std::string_view key);

constexpr shape text() {
    return {.type = shape::kind::text, .least = 1};
}
constexpr shape any_text() {
    return {.type = shape::kind::text};
}
constexpr shape flag() {
    return {.type = shape::kind::flag};
}
constexpr shape whole(std::int64_t least, std::int64_t most) {
    return {.type = shape::kind::whole, .least = least, .most = most};
}
constexpr shape size(std::int64_t least, std::int64_t most) {
    return {.type = shape::kind::size, .least = least, .most = most};
}
constexpr shape duration(std::chrono::milliseconds least, std::chrono::milliseconds most) {
    return {.type = shape::kind::duration, .least = least.count(), .most = most.count()};
}
constexpr shape one_of(std::span<const word> words) {
    return {.type = shape::kind::word, .words = words};
}
constexpr shape section(const table& nested) {
    return {.type = shape::kind::section, .nested = &nested};
}
constexpr shape entries(std::string_view entry, const name_rule& names, const table& nested) {
    return {.type = shape::kind::entries, .names = &names, .nested = &nested, .entry = entry};
}

} // namespace hyperterse::config
