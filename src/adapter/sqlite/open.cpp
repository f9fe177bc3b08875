#include "adapter/sqlite/open.hpp"

#include "adapter/sqlite/errors.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace hyperterse::adapter::sqlite {

namespace {

// Pragmas that only report, with and without an argument.
constexpr std::array<std::string_view, 21> reporting_pragmas{
    "application_id",    "collation_list",   "compile_options", "data_version",  "database_list",
    "encoding",          "foreign_key_list", "freelist_count",  "function_list", "index_info",
    "index_list",        "index_xinfo",      "integrity_check", "module_list",   "page_count",
    "foreign_key_check", "quick_check",      "table_info",      "table_list",    "table_xinfo",
    "user_version",
};
// Of those, the ones that an argument would change.
constexpr std::array<std::string_view, 4> settable_pragmas{
    "application_id", "encoding", "user_version", "data_version"
};
// Upkeep that a query with effect: write may do.
constexpr std::array<std::string_view, 3> upkeep_pragmas{"incremental_vacuum", "optimize", "wal_checkpoint"};
constexpr std::array<std::string_view, 2> refused_functions{"load_extension", "fts3_tokenizer"};

template <class Names>
bool contains(const Names& names, std::string_view wanted) {
    return std::ranges::any_of(names, [wanted](std::string_view each) {
        return equals_ignoring_case(each, wanted);
    });
}

std::string_view view(const char* text) {
    return text == nullptr ? std::string_view() : std::string_view(text);
}

bool allows_pragma(std::string_view name, const char* argument, role purpose) {
    if (purpose == role::writer && contains(upkeep_pragmas, name)) {
        return true;
    }
    return contains(reporting_pragmas, name) && (argument == nullptr || !contains(settable_pragmas, name));
}

template <role Purpose>
int authorize(void*, int action, const char* first, const char* second, const char*, const char*) noexcept {
    switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return SQLITE_DENY;
    case SQLITE_PRAGMA:
        return allows_pragma(view(first), second, Purpose) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return contains(refused_functions, view(second)) ? SQLITE_DENY : SQLITE_OK;
    default:
        return SQLITE_OK;
    }
}

result<database_handle> open_handle(const std::string& uri, int flags) {
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(uri.c_str(), &opened, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    database_handle database(opened);
    if (code != SQLITE_OK) {
        return database ? last_failure(database.get()) : failure(code, sqlite3_errstr(code));
    }
    sqlite3_extended_result_codes(database.get(), 1);
    return database;
}

int harden(sqlite3* database) {
    // The schema stays trusted: triggers that keep a full-text index up to date need it.
    constexpr std::array<std::pair<int, int>, 3> switches{{
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    }};
    for (const auto& [setting, on] : switches) {
        if (const int code = sqlite3_db_config(database, setting, on, nullptr); code != SQLITE_OK) {
            return code;
        }
    }
    return SQLITE_OK;
}

std::optional<error> set_journal_mode(sqlite3* database, const std::string& wanted) {
    const std::string pragma = "PRAGMA journal_mode = " + wanted;
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database, pragma.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
        return last_failure(database);
    }
    const statement_handle asking(prepared);
    if (sqlite3_step(asking.get()) != SQLITE_ROW) {
        return last_failure(database);
    }
    const auto* const text = sqlite3_column_text(asking.get(), 0);
    const int length = sqlite3_column_bytes(asking.get(), 0);
    const std::string chosen(text, text + length);
    if (!equals_ignoring_case(chosen, wanted)) {
        log::warn(
            "sqlite", "the database keeps another journal mode", {{"wanted", wanted}, {"chosen", chosen}}
        );
    }
    return std::nullopt;
}

std::optional<error> apply_pragmas(sqlite3* database, const settings& options, role purpose) {
    const bool writes = purpose == role::writer && !options.read_only;
    if (writes && !options.in_memory()) {
        if (auto failed = set_journal_mode(database, options.journal_mode)) {
            return failed;
        }
    }
    const std::array<std::pair<std::string_view, std::optional<std::int64_t>>, 4> numbers{{
        {"cache_size", options.cache_size},
        {"mmap_size", options.mmap_size},
        {"max_page_count", writes ? options.max_page_count : std::nullopt},
        {"foreign_keys", options.foreign_keys ? 1 : 0},
    }};
    for (const auto& [name, number] : numbers) {
        if (number && run(database, fmt::format("PRAGMA {} = {}", name, *number)) != SQLITE_OK) {
            return last_failure(database);
        }
    }
    if (run(database, "PRAGMA synchronous = " + options.synchronous) != SQLITE_OK) {
        return last_failure(database);
    }
    return std::nullopt;
}

int attach(sqlite3* database, const attached_database& attached, bool read_only) {
    sqlite3_stmt* prepared = nullptr;
    int code = sqlite3_prepare_v2(database, "ATTACH ?1 AS ?2", -1, &prepared, nullptr);
    const statement_handle attaching(prepared);
    if (code != SQLITE_OK) {
        return code;
    }
    const std::string uri = file_uri(attached.file, read_only ? "mode=ro" : "mode=rw");
    sqlite3_bind_text(prepared, 1, uri.c_str(), -1, SQLITE_STATIC);
    sqlite3_bind_text(prepared, 2, attached.name.c_str(), -1, SQLITE_STATIC);
    code = sqlite3_step(prepared);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

std::optional<error> load_extensions(sqlite3* database, const settings& options) {
    if (options.extensions.empty()) {
        return std::nullopt;
    }
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
    for (const auto& library : options.extensions) {
        char* why = nullptr;
        const int code = sqlite3_load_extension(database, library.c_str(), nullptr, &why);
        const std::unique_ptr<char, deleter<sqlite3_free>> text(why);
        if (code != SQLITE_OK) {
            const std::string_view reason = options.secret ? "cannot be loaded" : view(why);
            return refused(fmt::format("extension '{}': {}", options.shown(library), reason));
        }
    }
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    return std::nullopt;
}

} // namespace

int run(sqlite3* database, const std::string& statement) {
    return sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr);
}

result<database_handle> create_database(const std::string& uri) {
    return open_handle(uri, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

result<database_handle> open_file(const std::string& uri, const settings& options, watched_call& call) {
    const bool only_reads = options.read_only && !options.in_memory();
    result<database_handle> opened =
        open_handle(uri, only_reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    if (opened) {
        wait_for_locks(opened->get(), call);
    }
    return opened;
}

std::optional<error> set_up(sqlite3* database, const settings& options, role purpose) {
    if (harden(database) != SQLITE_OK) {
        return last_failure(database);
    }
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, static_cast<int>(options.max_value_size));
    if (auto failed = apply_pragmas(database, options, purpose)) {
        return failed;
    }
    for (const attached_database& each : options.attached) {
        if (attach(database, each, options.read_only) != SQLITE_OK) {
            const std::string_view reason = options.secret ? "cannot be attached" : sqlite3_errmsg(database);
            const std::string name = options.secret ? "***" : each.name;
            return refused(fmt::format("attach {}={}: {}", name, options.shown(each.file), reason));
        }
    }
    if (auto failed = load_extensions(database, options)) {
        return failed;
    }
    const bool reads = purpose == role::reader || options.read_only;
    if (reads && run(database, "PRAGMA query_only = 1") != SQLITE_OK) {
        return last_failure(database);
    }
    sqlite3_set_authorizer(database, reads ? authorize<role::reader> : authorize<role::writer>, nullptr);
    return std::nullopt;
}

result<database_handle>
open_database(const std::string& uri, const settings& options, role purpose, const call_context& context) {
    watched_call watched{.busy_timeout = options.busy_timeout, .context = &context};
    result<database_handle> opened = open_file(uri, options, watched);
    auto failed = opened ? set_up(opened->get(), options, purpose) : std::nullopt;
    if (failed) {
        return *std::move(failed);
    }
    if (opened) {
        sqlite3_busy_handler(opened->get(), nullptr, nullptr);
    }
    return opened;
}

} // namespace hyperterse::adapter::sqlite
