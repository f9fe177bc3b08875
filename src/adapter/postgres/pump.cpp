#include "adapter/postgres/pump.hpp"

#include "adapter/interruption.hpp"
#include "adapter/postgres/cancel.hpp"
#include "adapter/postgres/completion.hpp"
#include "adapter/postgres/errors.hpp"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_in_batch = 64;
constexpr unsigned most_attempts = 3;
constexpr auto idle_when_wanted = 100ms; // until the lease goes to others who wait for it
constexpr auto idle_at_all = 1s;
constexpr auto longest_lease = 60s; // so that the pool can replace old connections
constexpr auto cancel_patience = 2s;
constexpr auto long_even_alone = 2 * short_duration;

} // namespace

task<void> pump::run() {
    common& adapter = lane_.adapter();
    const call_context patient{deadline::never(), {}};
    result<lease> taken = co_await adapter.connections.acquire(patient, claim::reserved);
    if (!taken) {
        lane_.give_up(taken.error());
        co_return;
    }
    lease_ = std::make_shared<lease>(*std::move(taken));
    session_ = &lease_->as<session>();
    session_->attach(lane_.worker());
    lane_.ticker().add(*this);
    co_await serve(steady_clock::now() + longest_lease);
}

task<void> pump::serve(time_point until) {
    while (!session_->is_lost() && steady_clock::now() < until) {
        const bool called = co_await wait_for_calls();
        if (!called) {
            co_return;
        }
        co_await run_batch();
        if (lane_.adapter().connections.is_short_of_connections()) {
            co_return;
        }
    }
}

task<bool> pump::wait_for_calls() {
    leaving_ = false;
    idle_since_ = steady_clock::now();
    while (!lane_.has_waiting() && !leaving_ && !lane_.is_stopping()) {
        idle_ = true;
        co_await summoned_.wait();
        idle_ = false;
    }
    co_return lane_.has_waiting() && session_->usable();
}

task<void> pump::run_batch() {
    std::vector<shared_call_ptr> calls = lane_.take_waiting(most_in_batch);
    if (calls.empty()) {
        co_return;
    }
    send(std::move(calls));
    while (!batch_.empty() && !session_->is_lost()) {
        front_since_ = steady_clock::now();
        received_before_ = session_->received();
        co_await answer_front();
        if (!session_->is_lost()) {
            batch_.pop_front();
        }
    }
    if (!session_->is_lost()) {
        co_await next();
    }
    lose_batch();
    co_await wait_for_cancel();
    cancelled_ = nullptr;
    lane_.put_back(std::exchange(again_, {}));
}

void pump::send(std::vector<shared_call_ptr> calls) {
    session_->begin(statement::effect::read);
    for (shared_call_ptr& call : calls) {
        const plan& what = call->what;
        const bool prepares = session_->traits().named && !session_->is_prepared(what);
        if (prepares) {
            session_->prepare(what, what.declared_types());
        }
        session_->execute(what, call->arguments, delivery::together);
        ++call->attempts;
        batch_.push_back({std::move(call), prepares});
    }
    session_->end();
    ++lane_.adapter().counted.batches;
}

task<void> pump::answer_front() {
    const shared_call_ptr call = batch_.front().call;
    bool refused = false;
    if (batch_.front().prepares) {
        const reply prepared = co_await next();
        refused = prepared.what == reply::kind::failed;
        if (prepared.what != reply::kind::complete) {
            session_->forget(call->what);
        }
        if (refused && !call->ended()) {
            call->end(shared_call::state::moved);
        }
    }
    const reply said = co_await next();
    switch (said.what) {
    case reply::kind::complete:
        complete(*call, said.content.get());
        break;
    case reply::kind::failed:
        refuse(call, said.content.get());
        break;
    case reply::kind::skipped:
        send_again(call);
        break;
    case reply::kind::row:
    case reply::kind::synced:
    case reply::kind::lost:
        session_->mark_lost();
        break;
    }
}

task<reply> pump::next() {
    while (true) {
        if (auto said = session_->poll()) {
            co_return *std::move(said);
        }
        co_await session_->wait();
        if (!batch_.empty() && session_->received() - received_before_ > short_result) {
            co_await hold_back();
        }
    }
}

// The first of the batch returns more than a short read: what it has still to say waits in the server until
// that knows of the end.
task<void> pump::hold_back() {
    shared_call& front = *batch_.front().call;
    const auto now = steady_clock::now();
    if (front.ended()) {
        cancel_front(now);
    } else {
        move(front, now);
    }
    co_await wait_for_cancel();
}

task<void> pump::wait_for_cancel() {
    if (cancelling_ && !session_->is_lost()) {
        co_await cancelling_->wait();
    }
    cancelling_.reset();
}

void pump::complete(shared_call& call, const PGresult* said) {
    if (call.ended()) {
        return;
    }
    know_columns(call, said);
    append_rows(said, *call.columns, lane_.adapter().options.values, call.rows);
    const auto now = steady_clock::now();
    if (now - front_since_ >= long_even_alone || call.rows.byte_count() > short_result) {
        call.what.place.was_long(now);
    }
    call.said = completion_of(said);
    call.end(shared_call::state::answered);
    ++lane_.adapter().counted.shared;
}

void pump::refuse(const shared_call_ptr& call, const PGresult* said) {
    server_failure why = failure(said, call->arguments.size());
    if (call->ended()) {
        return;
    }
    if (why.state == query_canceled && cancelled_ != nullptr) {
        send_again(call);
        return;
    }
    if (is_stale_plan(why.state) || is_of_transaction(why.state)) {
        session_->forget(call->what);
        call->end(shared_call::state::moved);
        return;
    }
    if (why.why.code() != errc::unavailable) {
        call->what.place.was_refused(steady_clock::now());
    }
    call->fail(std::move(why.why));
}

void pump::send_again(const shared_call_ptr& call) {
    if (call->ended()) {
        return;
    }
    if (call->attempts >= most_attempts) {
        call->end(shared_call::state::moved);
        return;
    }
    ++lane_.adapter().counted.resent;
    again_.push_back(call);
}

void pump::know_columns(shared_call& call, const PGresult* said) {
    layout_ptr& known = session_->columns_of(call.what);
    if (!known || !fits(*known, said)) {
        known = layout_of(said, lane_.adapter().types);
    }
    call.columns = known;
    call.rows.clear(known->columns.size());
}

// What the connection took with it.
void pump::lose_batch() {
    for (const sent& each : batch_) {
        if (!each.call->ended()) {
            each.call->fail(connection_lost(session_->driver_text()));
        }
    }
    batch_.clear();
}

void pump::tick(time_point now) {
    if (idle_) {
        tick_idle(now);
    } else if (!batch_.empty()) {
        tick_batch(now);
    }
    if (cancelled_ != nullptr && now - cancelled_at_ > cancel_patience) {
        session_->mark_lost();
        session_->wake();
        if (cancelling_) {
            cancelling_->resume();
        }
    }
}

void pump::tick_idle(time_point now) {
    const auto idle_for = now - idle_since_;
    const bool wanted = idle_for > idle_when_wanted && lane_.adapter().connections.is_short_of_connections();
    if (idle_for > idle_at_all || wanted) {
        leaving_ = true;
        summoned_.resume();
    }
}

void pump::tick_batch(time_point now) {
    for (const sent& each : batch_) {
        if (!each.call->ended() && each.call->context.interrupted()) {
            each.call->fail(interruption(each.call->context));
        }
    }
    // What is overdue at two ticks in a row was not just overlooked while this worker was busy.
    const shared_call_ptr& front = batch_.front().call;
    const bool overdue = now - front_since_ >= short_duration;
    const bool overdue_again = overdue && overdue_ == front.get();
    overdue_ = overdue ? front.get() : nullptr;
    const bool others_wait = batch_.size() > 1 || lane_.has_waiting();
    if (front->ended()) {
        cancel_front(now);
    } else if (others_wait && overdue_again) {
        move(*front, now);
    }
}

void pump::move(shared_call& call, time_point now) {
    call.what.place.suspect(now);
    call.end(shared_call::state::probe);
    ++lane_.adapter().counted.moved;
    cancel_front(now);
}

// Once; another, because the request for one before it came too late.
void pump::cancel_front(time_point now) {
    const shared_call* const front = batch_.front().call.get();
    if (cancelling_ || cancelled_ == front) {
        return;
    }
    cancelled_ = front;
    cancelled_at_ = now;
    cancelling_ = std::make_shared<suspension>();
    asio::co_spawn(lane_.worker(), cancel(lane_.shared_from_this(), lease_, cancelling_), rethrow);
}

// Keeps the connection from others until the request has been taken.
task<void>
pump::cancel(std::shared_ptr<lane> of, std::shared_ptr<lease> cancelled, std::shared_ptr<suspension> done) {
    ++of->adapter().counted.cancelled;
    co_await request_cancel(cancelled->as<session>());
    done->resume();
}

} // namespace hyperterse::adapter::postgres
