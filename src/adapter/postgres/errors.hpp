#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <libpq-fe.h>
#include <optional>
#include <string>
#include <string_view>

namespace hyperterse::adapter::postgres {

// What the server reported instead of a result. `state` is its SQLSTATE
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
struct server_failure {
    std::string state;
    error why;
};

inline constexpr std::string_view query_canceled = "57014";
inline constexpr std::string_view indeterminate_datatype = "42P18";

// REQUIRES: the status of `failed` is PGRES_FATAL_ERROR. A value that the database refuses is the client's
// fault only where a client has values: in a statement with arguments.
server_failure failure(const PGresult* failed, std::size_t argument_count);

// Sending the prepared statement again to be prepared anew can help: it is gone, or its tables have changed.
bool is_stale_plan(std::string_view state);

// The connection ended, or speaks no protocol any more; `driver_text` is for the log.
error connection_lost(std::string_view driver_text);

// The connection could not be opened. `driver_text` is what libpq says at PQERRORS_VERBOSE, which has the
// server's SQLSTATE in it when the server answered.
error cannot_connect(std::string_view driver_text);

// The SQLSTATE of such a text, of the last host that was tried; empty when no server answered.
std::string_view state_of_connect_failure(std::string_view driver_text);

// Trying to connect again cannot help: wrong credentials, unknown database or setting.
bool is_configuration_fault(std::string_view state);

// The statement is not one that this adapter runs: the configuration's fault.
error refused(std::string_view why);

} // namespace hyperterse::adapter::postgres
