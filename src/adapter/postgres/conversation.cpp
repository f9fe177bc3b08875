#include "adapter/postgres/conversation.hpp"

#include "adapter/interruption.hpp"
#include "adapter/postgres/errors.hpp"
#include "adapter/postgres/recover.hpp"

#include <utility>

namespace hyperterse::adapter::postgres {

conversation::conversation(std::shared_ptr<lane> on, lease taken) :
    lane_(std::move(on)), lease_(std::move(taken)), session_(&lease_.as<session>()) {
    session_->attach(lane_->worker());
    lane_->ticker().add(*this);
}

conversation::~conversation() {
    unlink(); // before the lane may go
    if (!is_over() && !session_->is_idle() && !session_->is_lost()) {
        recover(lane_, std::move(lease_), farewell::after_a_moment);
    }
}

task<result<reply>> conversation::next(const call_context& context) {
    while (true) {
        std::optional<reply> said = session_->poll();
        if (said && said->what == reply::kind::lost) {
            error why = connection_lost(session_->driver_text());
            finish();
            co_return why;
        }
        if (said) {
            co_return *std::move(said);
        }
        if (context.interrupted()) {
            give_up();
            co_return interruption(context);
        }
        waiting_for_ = &context;
        co_await session_->wait();
        waiting_for_ = nullptr;
    }
}

std::optional<reply> conversation::poll() {
    std::optional<reply> said = session_->poll();
    return said && said->what == reply::kind::lost ? std::nullopt : std::move(said);
}

void conversation::finish() {
    session_ = nullptr;
    lease_ = lease();
}

void conversation::give_up() {
    recover(lane_, std::move(lease_), farewell::at_once);
    finish();
}

void conversation::tick(steady_clock::time_point) {
    if (waiting_for_ != nullptr && waiting_for_->interrupted()) {
        session_->wake();
    }
}

} // namespace hyperterse::adapter::postgres
