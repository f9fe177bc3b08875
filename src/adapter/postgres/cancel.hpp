#pragma once

#include "adapter/blocking.hpp"
#include "adapter/postgres/session.hpp"
#include "base/task.hpp"

namespace hyperterse::adapter::postgres {

// Asks the server to end what the session runs; returns when the server has taken the request, so that no
// later statement of the session can be hit, or could not be asked. The session lives until then.
task<void> request_cancel(blocking_threads& threads, const session& running);

} // namespace hyperterse::adapter::postgres
