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
struct apart_call {
    plan& what;
    statement::effect effect;
    bound_arguments arguments;
    claim by = claim::ordinary;
};
task<result<std::unique_ptr<cursor>>>
run_apart(std::shared_ptr<lane> on, apart_call call, call_context context);

} // namespace hyperterse::adapter::postgres
