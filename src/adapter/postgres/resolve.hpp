#pragma once

#include "adapter/postgres/connection_string.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

#include <cstddef>
#include <functional>
#include <libpq-fe.h>
#include <string>
#include <vector>

namespace hyperterse::adapter::postgres {

// The addresses of a host, as text. Blocking. Any thread.
using host_lookup = std::function<result<std::vector<std::string>>(const std::string& host)>;
// That of the system.
result<std::vector<std::string>> look_up_host(const std::string& host);

// The parameters with an address for every host, so that PQconnectStartParams need not look it up: `host`,
// `hostaddr` and `port` become lists with one entry for each address of each host, in the order of the hosts.
// Entries that need no look-up stay as they are; hosts that cannot be found are left out. errc::unavailable:
// none is left. A look-up that outlasts the call is left to end by itself; it holds nothing but its own
// state.
task<result<parameters>>
resolve_hosts(parameters given, call_context context, host_lookup lookup = look_up_host);

// How many servers the parameters list.
std::size_t count_servers(const parameters& given);
// The same list from the server at this place on.
parameters from_server(parameters given, std::size_t first);
// The place of the server that libpq has got to.
std::size_t current_server(const parameters& given, const PGconn* tried);

} // namespace hyperterse::adapter::postgres
