#pragma once

#include "adapter/options.hpp"
#include "base/diagnostic.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::adapter::sqlite {

struct attached_database {
    std::string name;
    std::filesystem::path file;
};

// The connection string and the options of an adapter, understood. Paths are absolute.
struct settings {
    std::filesystem::path file; // empty: a database in memory
    std::string uri_parameters; // "immutable=1&nolock=1"
    bool read_only = false;
    std::optional<std::filesystem::path> init; // the script that makes the database
    std::chrono::milliseconds busy_timeout{5'000};
    std::string journal_mode = "wal";
    std::string synchronous = "normal";
    std::optional<std::int64_t> cache_size; // pages, or KiB when negative
    std::optional<std::int64_t> mmap_size;  // bytes
    std::optional<std::int64_t> max_page_count;
    std::int64_t max_value_size = 64 * 1024 * 1024; // bytes of a text, a blob or a row
    bool foreign_keys = true;
    bool bigint_as_text = false; // integers beyond 2^53 become text
    std::vector<std::filesystem::path> extensions;
    std::vector<attached_database> attached;

    bool secret = false; // some of it came from the environment or a file

    bool in_memory() const { return file.empty(); }
    // For the log.
    std::string shown(const std::filesystem::path& path) const { return secret ? "***" : path.string(); }
};

// Reports what it does not understand: of the connection string at `where`, of an option at its own place.
// What it returns is usable only when nothing was reported as an error.
settings read_settings(const adapter_options& options, const location& where, diagnostics& found);

// The file as a `file:` URI, for sqlite3_open_v2 with SQLITE_OPEN_URI.
std::string file_uri(const std::filesystem::path& file, std::string_view parameters);

} // namespace hyperterse::adapter::sqlite
