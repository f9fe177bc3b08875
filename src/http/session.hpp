#pragma once

#include "base/task.hpp"
#include "http/connection.hpp"
#include "http/exchange.hpp"
#include "http/worker.hpp"

#include <memory>

namespace hyperterse::http {

// Serves one client until it, or the process, has had enough: its requests in order, one at a time. `ticket`
// counts it for as long as it lasts.
task<void> run_session(std::shared_ptr<worker> home, counted ticket, tcp_socket socket, listener_role role);

// Tells a client over the limit on connections so, and closes.
task<void> turn_away(std::shared_ptr<worker> home, counted ticket, tcp_socket socket);

} // namespace hyperterse::http
