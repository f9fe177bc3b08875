#include "adapter/sqlite/errors.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace hyperterse::adapter::sqlite {

namespace {

struct code_row {
    int code;
    errc meaning;
    std::string_view message; // for clients
    std::string_view hint;    // for the log
};

constexpr std::string_view failed = "the query failed";
constexpr std::string_view unavailable = "the database is unavailable";
constexpr std::string_view busy = "the database is busy";
constexpr std::string_view exists = "a row with the same key exists already";
constexpr std::string_view write_hint = "; a statement that writes needs 'effect: write'";

// Result codes of https://www.sqlite.org/rescode.html. Extended codes come before the primary code of their
// class, which stands for the rest of it.
constexpr std::array codes{
    code_row{SQLITE_CONSTRAINT_UNIQUE, errc::conflict, exists, ""},
    code_row{SQLITE_CONSTRAINT_PRIMARYKEY, errc::conflict, exists, ""},
    code_row{SQLITE_CONSTRAINT_ROWID, errc::conflict, exists, ""},
    code_row{
        SQLITE_CONSTRAINT_FOREIGNKEY,
        errc::conflict,
        "a row that is referred to does not exist, or is still referred to",
        ""
    },
    code_row{SQLITE_CONSTRAINT_NOTNULL, errc::conflict, "a value that the database requires is null", ""},
    code_row{SQLITE_CONSTRAINT_CHECK, errc::conflict, "a value is outside of what the database allows", ""},
    code_row{
        SQLITE_CONSTRAINT_DATATYPE, errc::invalid_input, "a value has a type that the database refuses", ""
    },
    code_row{SQLITE_IOERR_NOMEM, errc::internal, failed, ""},
    code_row{SQLITE_CONSTRAINT, errc::conflict, "the database refuses the change", ""},
    code_row{SQLITE_TOOBIG, errc::invalid_input, "a value is too large for the database", ""},
    code_row{SQLITE_MISMATCH, errc::invalid_input, "a value has a type that the database refuses", ""},
    code_row{SQLITE_RANGE, errc::invalid_input, "a value is out of range", ""},
    code_row{SQLITE_BUSY, errc::overloaded, busy, ""},
    code_row{SQLITE_LOCKED, errc::overloaded, busy, ""},
    code_row{SQLITE_PROTOCOL, errc::overloaded, busy, ""},
    code_row{SQLITE_FULL, errc::unavailable, "the database is full", ""},
    code_row{SQLITE_IOERR, errc::unavailable, unavailable, ""},
    code_row{SQLITE_CANTOPEN, errc::unavailable, unavailable, ""},
    code_row{SQLITE_CORRUPT, errc::unavailable, unavailable, ""},
    code_row{SQLITE_NOTADB, errc::unavailable, unavailable, ""},
    code_row{SQLITE_READONLY, errc::internal, failed, write_hint},
    code_row{SQLITE_AUTH, errc::internal, failed, ""},
};

constexpr int primary(int extended_code) {
    return extended_code & 0xFF;
}

const code_row& classify(int extended_code) {
    static constexpr code_row other{SQLITE_ERROR, errc::internal, failed, ""};
    for (const int code : {extended_code, primary(extended_code)}) {
        if (const auto row = std::ranges::find(codes, code, &code_row::code); row != codes.end()) {
            return *row;
        }
    }
    return other;
}

} // namespace

error failure(int extended_code, std::string_view driver_text) {
    const code_row& row = classify(extended_code);
    error failed_with{
        row.meaning,
        public_message{std::string(row.message)},
        private_detail{fmt::format("{} (SQLite result code {}){}", driver_text, extended_code, row.hint)}
    };
    if (!info(row.meaning).retryable) {
        return failed_with;
    }
    return std::move(failed_with).retry_after(std::chrono::seconds{1});
}

error last_failure(sqlite3* database) {
    return failure(sqlite3_extended_errcode(database), sqlite3_errmsg(database));
}

error refused(std::string_view why) {
    return {errc::internal, public_message{std::string(failed)}, private_detail{std::string(why)}};
}

error refused_value(private_detail why) {
    return {errc::invalid_input, public_message{"the database does not accept a value"}, std::move(why)};
}

bool is_general(int extended_code) {
    return primary(extended_code) == SQLITE_ERROR;
}

bool breaks_connection(int extended_code) {
    constexpr std::array fatal{SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM};
    return std::ranges::find(fatal, primary(extended_code)) != fatal.end();
}

} // namespace hyperterse::adapter::sqlite
