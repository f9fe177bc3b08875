#pragma once

#include "adapter/pool.hpp"
#include "adapter/postgres/lane.hpp"
#include "adapter/postgres/session.hpp"
#include "adapter/postgres/watch.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

#include <memory>
#include <optional>

namespace hyperterse::adapter::postgres {

// One caller's use of a leased session: replies come until the call_context ends. A conversation that is left
// before its end leads to the end of the statement in the server.
class conversation final : private watched {
public:
    conversation(std::shared_ptr<lane> on, lease taken);
    ~conversation();

    // REQUIRES: not is_over().
    session& with() { return *session_; }
    lane& on() { return *lane_; }

    // The next reply, but never `lost`: errc::unavailable. errc::timeout and errc::cancelled as the context
    // says; after an error the conversation is over.
    task<result<reply>> next(const call_context& context);
    // As next(), but only what has come in already.
    std::optional<reply> poll();

    // Gives the connection back. REQUIRES: with().is_idle() or with().is_lost().
    void finish();
    // Ends what still runs.
    void give_up();
    bool is_over() const { return session_ == nullptr; }

private:
    void tick(steady_clock::time_point now) override;

    const std::shared_ptr<lane> lane_;
    lease lease_;
    session* session_;
    const call_context* waiting_for_ = nullptr;
};

} // namespace hyperterse::adapter::postgres
