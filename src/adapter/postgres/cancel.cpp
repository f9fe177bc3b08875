#include "adapter/postgres/cancel.hpp"

#include "adapter/postgres/rendezvous.hpp"

#include <array>
#include <atomic>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <system_error>
#include <thread>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::chrono::seconds patience{2};
constexpr int most_at_once = 32; // of the process; each is a thread, which a dead network can hold for long

std::atomic<int> under_way = 0;

// PQcancel makes a connection of its own, and blocks.
void cancel_and_wake(
    const std::shared_ptr<PGcancel>& key,
    const std::shared_ptr<std::atomic<bool>>& taken,
    const std::shared_ptr<rendezvous>& asker
) {
    std::array<char, 256> ignored{};
    PQcancel(key.get(), ignored.data(), static_cast<int>(ignored.size()));
    *taken = true;
    --under_way;
    asker->wake();
}

} // namespace

task<void> request_cancel(session& running) {
    const executor worker = co_await asio::this_coro::executor;
    const auto asker = std::make_shared<rendezvous>(worker);
    const leaving left_at_the_end(asker.get());
    const auto taken = std::make_shared<std::atomic<bool>>(false);
    const auto job = [key = running.cancel_key(), taken, asker] { cancel_and_wake(key, taken, asker); };
    if (++under_way > most_at_once) {
        --under_way;
        running.mark_lost();
        co_return;
    }
    try {
        std::thread(job).detach();
    } catch (const std::system_error&) {
        --under_way;
        running.mark_lost();
        co_return;
    }
    co_await rendezvous::wait(asker, deadline::in(patience), {});
    if (!*taken) {
        running.mark_lost();
    }
}

} // namespace hyperterse::adapter::postgres
