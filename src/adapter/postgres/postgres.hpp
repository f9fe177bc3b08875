#pragma once

#include "adapter/backend.hpp"

namespace hyperterse::adapter {

// PostgreSQL: libpq without blocking, on the workers. max_connections sessions, each used for one statement
// at a time or shared by many short reads.
//
// connection_string: a postgres:// URL or key=value text, as libpq takes them. Options of its own:
// prepared_statements (named or unnamed), pipeline (auto or off), bigint and decimals (number or string); any
// other is a parameter of libpq or a setting of the server.
extern const backend postgres_backend;

} // namespace hyperterse::adapter
