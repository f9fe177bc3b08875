#pragma once

#include "adapter/adapter.hpp"
#include "adapter/pool.hpp"
#include "adapter/postgres/plan.hpp"
#include "adapter/postgres/settings.hpp"
#include "adapter/postgres/types.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hyperterse::adapter::postgres {

// What happened since the start; readiness details show it.
struct counters {
    std::atomic<std::uint64_t> shared = 0;    // executions answered on shared connections
    std::atomic<std::uint64_t> apart = 0;     // executions begun on connections of their own
    std::atomic<std::uint64_t> batches = 0;   // sent on shared connections
    std::atomic<std::uint64_t> moved = 0;     // executions that were too long for a shared connection
    std::atomic<std::uint64_t> resent = 0;    // skipped by the server, or cancelled, because of another
    std::atomic<std::uint64_t> cancelled = 0; // requests to end a statement

    std::vector<counter> list() const {
        return {
            {"shared", shared},
            {"apart", apart},
            {"batches", batches},
            {"moved", moved},
            {"resent", resent},
            {"cancelled", cancelled},
        };
    }
};

// What the lanes of an adapter share. Outlives them; any thread.
struct common {
    common(const settings& read, pool& connections_of, std::size_t max_connections) :
        options(read),
        connections(connections_of),
        shareable(static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, max_connections / 2))) {}

    const settings& options;
    pool& connections;
    type_table types;
    plan_book plans;
    counters counted;
    // How many more connections may be shared. The other half of the pool is for what is long.
    std::atomic<std::ptrdiff_t> shareable;
};

} // namespace hyperterse::adapter::postgres
