#pragma once

#include "adapter/adapter.hpp"
#include "adapter/blocking.hpp"
#include "adapter/pool.hpp"

#include <memory>
#include <vector>

namespace hyperterse::adapter::sqlite {

// What is run; `text` outlives the cursor.
struct execution_request {
    const statement::statement& text;
    statement::effect effect;
    std::vector<value> arguments;
    deadline limit; // of the whole statement, whatever the calls of next() say
};

// Runs the statement on the leased session (of this backend), up to its first rows or its end, in one hop to
// `threads`. The rows of a read follow batch by batch, and the lease is held until the end. A write runs to
// its end at once and has been committed when this returns: its rows wait in memory (errc::too_large, and
// nothing has happened, above 64 MiB), so that neither a slow reader nor an early end holds up or undoes it.
task<result<std::unique_ptr<cursor>>> execute_statement(
    blocking_threads& threads, lease connection, execution_request request, call_context context
);

} // namespace hyperterse::adapter::sqlite
