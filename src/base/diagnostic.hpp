#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse {

// A place in a configuration file. Lines and columns count from 1, columns in bytes; line 0 is the file as a
// whole.
struct location {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    friend auto operator<=>(const location&, const location&) = default;
};

enum class severity : std::uint8_t { error, warning };

struct diagnostic {
    location where;
    severity level = severity::error;
    std::string message;
    std::string hint; // may be empty
};

// Collects every problem of one pass, so that the user sees all of them at once.
class diagnostics {
public:
    void error(location where, std::string message, std::string hint = {});
    void warning(location where, std::string message, std::string hint = {});

    bool has_errors() const { return errors_ > 0; }
    std::size_t error_count() const { return errors_; }
    std::size_t warning_count() const { return items_.size() - errors_; }

    // Sorted by file, line, column; equal places keep the order of reporting.
    const std::vector<diagnostic>& sorted() const { return items_; }

private:
    void add(diagnostic found);

    std::vector<diagnostic> items_;
    std::size_t errors_ = 0;
};

// The compiler's form, one `file:line:column: error: message` line each, followed by `  hint: …` where there
// is one.
std::string to_text(const diagnostics& found);

// {"valid":bool,"diagnostics":[{"file","line","column","severity","message","hint"}]}, one line, with
// newline. `more` is further members of the object, each as `,"name":value`.
std::string to_json(const diagnostics& found, std::string_view more = {});

} // namespace hyperterse
