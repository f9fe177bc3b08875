#pragma once

#include "base/task.hpp"
#include "http/exchange.hpp"

namespace hyperterse::http {

// The process answers.
task<void> heartbeat(exchange& serving);
task<void> liveness(exchange& serving);

// Whether clients should be sent here: 503 while an adapter is down, a query was not prepared yet, or the
// process drains. The admin listener's answer says which and why.
task<void> readiness(exchange& serving);

} // namespace hyperterse::http
