#pragma once

#include "base/diagnostic.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::config {

inline constexpr std::size_t max_file_bytes = 16 * 1024 * 1024;

// Either the bytes of a file or why they cannot be had, in words for the user.
struct file_bytes {
    std::optional<std::string> bytes;
    std::string problem;
};

// Reads a regular file of at most max_file_bytes.
file_bytes read_file(const std::filesystem::path& path);

// A file's text and where its lines are. A byte order mark at the start is not part of the text.
class source_file {
public:
    source_file(std::string name, std::string text);

    const std::string& name() const { return name_; }
    std::string_view text() const { return text_; }
    // The place of the byte at `offset`, or of the end of the text.
    location place(std::size_t offset) const;
    location whole() const { return {name_, 0, 0}; }

    std::size_t line_count() const { return line_starts_.size(); }
    // The line that holds the byte at `offset`, from 0.
    std::size_t line_of(std::size_t offset) const;
    // The text of the line without its break. REQUIRES: index < line_count().
    std::string_view line(std::size_t index) const;
    std::size_t line_start(std::size_t index) const { return line_starts_[index]; }

private:
    std::string name_;
    std::string text_;
    std::vector<std::size_t> line_starts_;
};

} // namespace hyperterse::config
