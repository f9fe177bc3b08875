#include "adapter/sqlite/watched_call.hpp"

#include <algorithm>
#include <thread>

namespace hyperterse::adapter::sqlite {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_pause{10};

int on_busy(void* call, int attempts) noexcept {
    auto& watched = *static_cast<watched_call*>(call);
    const auto now = steady_clock::now();
    if (attempts == 0) {
        watched.busy_since = now;
    }
    const bool ended = watched.context != nullptr && watched.context->interrupted();
    if (ended || now - watched.busy_since >= watched.busy_timeout) {
        return 0;
    }
    std::this_thread::sleep_for(std::min(longest_pause, milliseconds(1 + attempts)));
    return 1;
}

} // namespace

void wait_for_locks(sqlite3* database, watched_call& call) {
    sqlite3_busy_handler(database, on_busy, &call);
}

} // namespace hyperterse::adapter::sqlite
