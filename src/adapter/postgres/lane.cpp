#include "adapter/postgres/lane.hpp"

#include "adapter/interruption.hpp"
#include "adapter/postgres/errors.hpp"
#include "adapter/postgres/pump.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <iterator>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::size_t most_pumps = 2; // more only add switches between processes

} // namespace

lane::lane(const executor& worker, common& of_adapter) :
    worker_(worker), adapter_(of_adapter), watch_(std::make_shared<watch>(worker)) {}

lane::~lane() = default;

// The address finds it fast; a later statement may have the same.
plan& lane::plan_of(const statement::statement& executed) {
    plan*& known = plans_[&executed];
    if (known == nullptr || !known->is_for(executed)) {
        known = &adapter_.plans.of(executed);
    }
    return *known;
}

bool lane::can_share() const {
    return !stopping_ && (!pumps_.empty() || adapter_.shareable > 0);
}

task<void> lane::run(shared_call_ptr call) {
    if (!is_linked()) {
        watch_->add(*this);
    }
    place(call);
    co_await call->done.wait();
}

void lane::place(const shared_call_ptr& call) {
    switch (call->what.place.choose(steady_clock::now())) {
    case placement::choice::share:
        if (pumps_.empty() && !start_pump()) {
            call->end(shared_call::state::moved);
            break;
        }
        waiting_.push_back(call);
        summon();
        break;
    case placement::choice::wait:
        undecided_.push_back(call);
        break;
    case placement::choice::apart:
        call->end(shared_call::state::moved);
        break;
    case placement::choice::probe:
        call->end(shared_call::state::probe);
        break;
    }
}

void lane::stop() {
    stopping_ = true;
    fail_waiting(connection_lost("the server is shutting down"));
    unlink();
    for (const auto& each : pumps_) {
        each->summon();
    }
}

std::vector<shared_call_ptr> lane::take_waiting(std::size_t most) {
    std::vector<shared_call_ptr> taken;
    taken.reserve(std::min(most, waiting_.size()));
    while (!waiting_.empty() && taken.size() < most) {
        shared_call_ptr& next = waiting_.front();
        if (!next->ended() && !next->what.place.is_shared()) {
            undecided_.push_back(std::move(next));
        } else if (!next->ended()) {
            taken.push_back(std::move(next));
        }
        waiting_.pop_front();
    }
    return taken;
}

void lane::put_back(std::vector<shared_call_ptr> calls) {
    waiting_.insert(
        waiting_.begin(), std::make_move_iterator(calls.begin()), std::make_move_iterator(calls.end())
    );
    if (has_waiting()) {
        summon();
    }
}

void lane::give_up(const error& why) {
    if (pumps_.size() == 1) {
        fail_waiting(why);
    }
}

void lane::fail_waiting(const error& why) {
    for (auto* const calls : {&waiting_, &undecided_}) {
        for (const shared_call_ptr& each : *calls) {
            if (!each->ended()) {
                each->fail(why);
            }
        }
        calls->clear();
    }
}

void lane::tick(steady_clock::time_point) {
    for (const auto* const calls : {&waiting_, &undecided_}) {
        for (const shared_call_ptr& each : *calls) {
            if (!each->ended() && each->context.interrupted()) {
                each->fail(interruption(each->context));
            }
        }
    }
    for (const shared_call_ptr& each : std::exchange(undecided_, {})) {
        if (!each->ended()) {
            place(each);
        }
    }
    if (waiting_.empty() && undecided_.empty()) {
        unlink();
    }
}

// An idle pump takes what waits; if there is none, another may help.
void lane::summon() {
    const auto idle = std::ranges::find_if(pumps_, [](const auto& each) { return each->is_idle(); });
    if (idle != pumps_.end()) {
        (*idle)->summon();
    } else if (pumps_.size() < most_pumps) {
        start_pump();
    }
}

bool lane::start_pump() {
    if (adapter_.shareable.fetch_sub(1) <= 0) {
        adapter_.shareable.fetch_add(1);
        return false;
    }
    pump& serving = *pumps_.emplace_back(std::make_unique<pump>(*this));
    asio::co_spawn(worker_, run_pump(shared_from_this(), serving), rethrow);
    return true;
}

// The lease is given back last: without it nothing keeps the adapter.
task<void> lane::run_pump(std::shared_ptr<lane> self, pump& serving) {
    co_await serving.run();
    const auto place =
        std::ranges::find_if(self->pumps_, [&serving](const auto& each) { return each.get() == &serving; });
    const std::unique_ptr<pump> ended = std::move(*place);
    self->pumps_.erase(place);
    self->adapter_.shareable.fetch_add(1);
    if (self->has_waiting() && self->pumps_.empty() && !self->start_pump()) {
        self->fail_waiting(connection_lost("no connection may be shared now"));
    }
}

} // namespace hyperterse::adapter::postgres
