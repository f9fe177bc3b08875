#pragma once

#include "adapter/pool.hpp"
#include "adapter/postgres/lane.hpp"
#include "adapter/postgres/session.hpp"
#include "adapter/postgres/shared.hpp"
#include "adapter/postgres/suspension.hpp"
#include "adapter/postgres/watch.hpp"
#include "base/deadline.hpp"
#include "base/task.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace hyperterse::adapter::postgres {

// Serves the waiting calls of a lane on one leased connection, in batches with one Sync each; the next is
// sent when the server has answered the last. A call that runs long in front of others is cancelled and
// moved; what the server skipped, or cancelled by accident, is sent again: reads did nothing.
class pump final : private watched {
public:
    explicit pump(lane& served) : lane_(served) {}

    // Until there was nothing to do for a while, or the connection is lost.
    task<void> run();

    bool is_idle() const { return idle_; }
    void summon() { summoned_.resume(); }

private:
    using time_point = steady_clock::time_point;
    struct sent {
        shared_call_ptr call;
        bool prepares; // the statement first
    };

    task<void> serve(time_point until);
    task<bool> wait_for_calls();
    task<void> run_batch();
    void send(std::vector<shared_call_ptr> calls);
    task<void> answer_front();
    task<reply> next();
    task<void> hold_back();
    task<void> wait_for_cancel();

    void complete(shared_call& call, const PGresult* said);
    void refuse(const shared_call_ptr& call, const PGresult* said);
    void send_again(const shared_call_ptr& call);
    void know_columns(shared_call& call, const PGresult* said);
    void lose_batch();

    void tick(time_point now) override;
    void tick_idle(time_point now);
    void tick_batch(time_point now);
    void move(shared_call& call, time_point now);
    void cancel_front(time_point now);
    static task<void>
    cancel(std::shared_ptr<lane> of, std::shared_ptr<lease> cancelled, std::shared_ptr<suspension> done);

    lane& lane_;
    std::shared_ptr<lease> lease_;
    session* session_ = nullptr;
    std::deque<sent> batch_; // the first is what the server runs now
    std::vector<shared_call_ptr> again_;
    time_point front_since_{};
    const shared_call* overdue_ = nullptr;   // at the last tick
    std::uint64_t received_before_ = 0;      // in bytes, when the first became the first
    const shared_call* cancelled_ = nullptr; // whose end was asked for last in this batch
    time_point cancelled_at_{};
    std::shared_ptr<suspension> cancelling_; // the request is under way
    time_point idle_since_{};
    bool idle_ = false;
    bool leaving_ = false;
    suspension summoned_;
};

} // namespace hyperterse::adapter::postgres
