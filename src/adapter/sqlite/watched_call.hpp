#pragma once

#include "base/deadline.hpp"

#include <chrono>
#include <sqlite3.h>

namespace hyperterse::adapter::sqlite {

// The call that a connection works for.
struct watched_call {
    std::chrono::milliseconds busy_timeout; // for one lock
    const call_context* context = nullptr;  // null: none
    steady_clock::time_point busy_since{};
};

// From now on the connection waits for the locks of others, each for busy_timeout at most, and no longer than
// the call lasts. `call` outlives the connection, or the next handler of it.
void wait_for_locks(sqlite3* database, watched_call& call);

} // namespace hyperterse::adapter::sqlite
