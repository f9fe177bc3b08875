#pragma once

#include "adapter/adapter.hpp"
#include "adapter/postgres/arguments.hpp"
#include "adapter/postgres/lane.hpp"
#include "adapter/postgres/plan.hpp"
#include "adapter/postgres/session.hpp"
#include "statement/statement.hpp"

#include <memory>
#include <optional>

namespace hyperterse::adapter::postgres {

// Runs a statement on a connection of its own. The rows of a read stream; those of a write are collected,
// since they count only when the write is complete.
task<result<std::unique_ptr<cursor>>> run_apart(
    std::shared_ptr<lane> on,
    plan& what,
    statement::effect effect,
    bound_arguments arguments,
    call_context context
);

} // namespace hyperterse::adapter::postgres
