#pragma once

#include "base/task.hpp"
#include "http/exchange.hpp"

namespace hyperterse::http {

// Answers the request in serving.asked with the handler of its path and method, or says that there is none.
task<void> dispatch(exchange& serving);

} // namespace hyperterse::http
