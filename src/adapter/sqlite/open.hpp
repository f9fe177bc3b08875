#pragma once

#include "adapter/sqlite/handle.hpp"
#include "adapter/sqlite/settings.hpp"
#include "adapter/sqlite/watched_call.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hyperterse::adapter::sqlite {

enum class role : std::uint8_t {
    reader, // the engine refuses writes
    writer,
};

// Opens the database, which exists, and has it wait for locks on behalf of `call`, which outlives it.
// Blocking.
result<database_handle> open_file(const std::string& uri, const settings& options, watched_call& call);

// Options, attached databases, extensions; then the connection refuses what a statement could use to leave
// its place: ATTACH, DETACH, transactions, pragmas but harmless ones. Blocking.
std::optional<error> set_up(sqlite3* database, const settings& options, role purpose);

// Both of these; the end of the call ends the waiting for locks. The connection that is returned waits for
// none.
result<database_handle>
open_database(const std::string& uri, const settings& options, role purpose, const call_context& context);

// Opens without any of that, for the script that makes a database. Blocking.
result<database_handle> create_database(const std::string& uri);

// Runs one statement that gives no rows that matter. An SQLite result code.
int run(sqlite3* database, const std::string& statement);

} // namespace hyperterse::adapter::sqlite
