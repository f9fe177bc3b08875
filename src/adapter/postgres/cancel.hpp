#pragma once

#include "adapter/postgres/session.hpp"
#include "base/task.hpp"

namespace hyperterse::adapter::postgres {

// Asks the server to end what the session runs. Returns when the server has taken the request, so that no
// later statement of the session can be hit; when it could not be asked within two seconds, the session is
// lost.
task<void> request_cancel(session& running);

} // namespace hyperterse::adapter::postgres
