#pragma once

#include "adapter/adapter.hpp"
#include "adapter/postgres/arguments.hpp"
#include "adapter/postgres/plan.hpp"
#include "adapter/postgres/suspension.hpp"
#include "base/deadline.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace hyperterse::adapter::postgres {

// A short read on a shared connection: asked by one coroutine, answered by a pump of the same worker.
struct shared_call {
    enum class state : std::uint8_t {
        pending,
        answered,
        failed,
        moved, // it has to run apart, on a connection of its own
        probe, // so has this one, and others wait for what it tells of the statement
    };

    shared_call(plan& asked, bound_arguments bound, call_context asked_by) :
        what(asked), arguments(std::move(bound)), context(std::move(asked_by)) {}

    // Once. What comes in for it afterwards is dropped.
    void end(state how);
    void fail(error why);
    bool ended() const { return now != state::pending; }

    plan& what;
    bound_arguments arguments;
    const call_context context;
    suspension done;
    unsigned attempts = 0;

    state now = state::pending;
    std::optional<error> failure;
    layout_ptr columns;
    row_batch rows;
    completion said;
};
using shared_call_ptr = std::shared_ptr<shared_call>;

// The rows of an answered call.
std::unique_ptr<cursor> answer_of(shared_call_ptr answered);

} // namespace hyperterse::adapter::postgres
