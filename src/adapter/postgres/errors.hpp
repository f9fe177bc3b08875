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
    std::size_t parameter = 0; // the number of the one whose type the server cannot infer, if it says
};

inline constexpr std::string_view query_canceled = "57014";

// REQUIRES: `failed` came with reply failed, or as the error of a commit. A value that the database refuses
// is the client's fault only where a client has values: in a statement with arguments.
server_failure failure(const PGresult* failed, std::size_t argument_count);

// The server cannot infer the type of a parameter.
bool is_missing_type(std::string_view state);

// Sending the prepared statement again to be prepared anew can help: it is gone, or its tables have changed.
bool is_stale_plan(std::string_view state);

// The transaction failed because of others that ran at the same time.
bool is_of_transaction(std::string_view state);

// There is no connection, or no longer; `driver_text` is for the log.
error connection_lost(std::string_view driver_text);

// The SQLSTATE in what libpq says at PQERRORS_VERBOSE when it cannot connect, of the last host that was
// tried; empty when no server answered.
std::string_view state_of_connect_failure(std::string_view driver_text);

// Trying to connect again cannot help: wrong credentials, unknown database or setting.
bool is_configuration_fault(std::string_view state);

// A text of libpq, which may have several lines, for the log.
std::string one_line(std::string_view driver_text);

// The statement is not one that this adapter runs: the configuration's fault.
error refused(std::string_view why);

} // namespace hyperterse::adapter::postgres
