#pragma once

#include "http/exchange.hpp"

namespace hyperterse::http {

// One line for a request that ended; nothing when the log does not want it. Query strings, bodies and headers
// are not in it.
void log_access(const exchange& ended);

} // namespace hyperterse::http
