#include "adapter/postgres/cancel.hpp"

#include <array>

namespace hyperterse::adapter::postgres {

task<void> request_cancel(blocking_threads& threads, const session& running) {
    const auto job = [key = running.cancel_key()] {
        std::array<char, 256> ignored{};
        PQcancel(key, ignored.data(), static_cast<int>(ignored.size()));
    };
    co_await run_blocking(threads, job);
}

} // namespace hyperterse::adapter::postgres
