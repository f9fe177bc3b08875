#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

// The one global of the program: where log lines go. Lines are handed to a background thread, so that a
// reader that is slow or gone never blocks a request; lines that do not fit are dropped, counted, and the
// count is logged. Values of inputs and secrets are never passed here.
namespace hyperterse::log {

// The numbers are those of --log-level.
enum class level : std::uint8_t { error = 1, warn = 2, info = 3, debug = 4 };
enum class format : std::uint8_t { text, json };

// "error", "warn", "info", "debug" or "1" to "4", any case.
std::optional<level> parse_level(std::string_view text);

struct options {
    level threshold = level::info;
    format style = format::text;
};

// A named value beside the message: ` name=value` in text, a member of the object in JSON.
struct field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> content;

    field(std::string_view key, std::string_view text) : name(key), content(text) {}
    field(std::string_view key, const char* text) : name(key), content(std::string_view(text)) {}
    field(std::string_view key, std::int64_t number) : name(key), content(number) {}
    field(std::string_view key, double number) : name(key), content(number) {}
    field(std::string_view key, bool flag) : name(key), content(flag) {}
};

// Starts logging to standard error. Call once, before threads start; before it, lines are written at once, as
// text.
void start(const options& chosen);
// Writes what is queued and stops the background thread. Call once, after other threads have ended.
void stop();
// Waits, at most a second, until what is queued is being written; goes on logging. Any thread.
void flush();

bool enabled(level wanted);

// One line: time, level, `tag: message`, fields. Control characters in any part are escaped, so that no input
// can forge a line. Any thread.
void write(level severity, std::string_view tag, std::string_view message, std::span<const field> fields);

inline void write(
    level severity, std::string_view tag, std::string_view message, std::initializer_list<field> fields = {}
) {
    write(severity, tag, message, std::span(fields.begin(), fields.size()));
}

inline void error(std::string_view tag, std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::error, tag, message, fields);
}
inline void warn(std::string_view tag, std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::warn, tag, message, fields);
}
inline void info(std::string_view tag, std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::info, tag, message, fields);
}
inline void debug(std::string_view tag, std::string_view message, std::initializer_list<field> fields = {}) {
    write(level::debug, tag, message, fields);
}

} // namespace hyperterse::log
