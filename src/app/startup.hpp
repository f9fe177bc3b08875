#pragma once

#include "adapter/adapter.hpp"
#include "app/bundle.hpp"
#include "base/deadline.hpp"
#include "base/task.hpp"
#include "gateway/health.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

// Bringing a database up: connect, then ask it about every statement.
namespace hyperterse::app {

inline constexpr std::chrono::seconds describe_patience{60}; // for all statements of one database
inline constexpr std::chrono::seconds close_patience{5};     // for a database to close its connections

// What the database said of the statements of one query.
struct query_finding {
    std::size_t query;          // index in the catalog
    std::string problem;        // why it cannot serve; empty when it can
    adapter::contract contract; // of the first variant that was described
    std::vector<std::string> warnings;
};

// The queries whose primary is `adapter_index`, by index in the catalog.
std::vector<std::size_t> queries_of(std::size_t adapter_index, const gateway::catalog& queries);

// Describes every statement of these queries. errc::unavailable when the database went away meanwhile: what
// was found until then is lost.
task<result<std::vector<query_finding>>> describe_queries(
    adapter::adapter& database,
    std::vector<std::size_t> described,
    const gateway::catalog& queries,
    call_context context
);

// "file:line:column: query 'name': problem", for the operator.
std::string message_of(const query_finding& finding, const gateway::catalog& queries);

} // namespace hyperterse::app
