#pragma once

#include "adapter/adapter.hpp"
#include "adapter/postgres/conversation.hpp"
#include "adapter/postgres/plan.hpp"

namespace hyperterse::adapter::postgres {

// Has the server parse the statement, and keep it where the session prepares by name; returns what it says of
// its columns (a result of PQsendDescribePrepared). The server infers the types of the parameters; where it
// cannot, they are those that the configuration declares, and the plan remembers it. The types of the columns
// are known afterwards. errc::internal: the server rejects the statement.
task<result<result_handle>> prepare(conversation& talk, plan& what, const call_context& context);

// prepare(), with what the catalogue says of the columns.
task<result<contract>> describe(conversation& talk, plan& what, const call_context& context);

} // namespace hyperterse::adapter::postgres
