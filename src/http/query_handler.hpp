#pragma once

#include "base/task.hpp"
#include "http/exchange.hpp"

#include <string_view>

namespace hyperterse::http {

inline constexpr std::string_view query_prefix = "/query/";

// Runs the query that the path names: inputs from the JSON body of a POST, or from the query string.
task<void> serve_query(exchange& serving);

} // namespace hyperterse::http
