#pragma once

#include "base/error.hpp"

#include <sqlite3.h>
#include <string_view>

namespace hyperterse::adapter::sqlite {

// The failure with this extended result code; the message of the database goes to the log only.
error failure(int extended_code, std::string_view driver_text);

// The last failure of the connection.
error last_failure(sqlite3* database);

// The statement is not one that this adapter runs as configured: the configuration's fault.
error refused(std::string_view why);

// The database does not take what was bound: the client's fault.
error refused_value(private_detail why);

// The code of what has no code of its own: a statement that cannot be prepared, a value that a function of
// SQL refuses.
bool is_general(int extended_code);

// After this code the connection must not be used again.
bool breaks_connection(int extended_code);

} // namespace hyperterse::adapter::sqlite
