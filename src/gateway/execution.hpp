#pragma once

#include "adapter/adapter.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "gateway/gateway.hpp"

#include <memory>

namespace hyperterse::gateway {

// The rows of `opened` as clients of `called` see them: renamed, masked, cut at max_rows. Waits for the first
// rows, so that what fails before them fails here. `called` outlives the execution.
task<result<std::unique_ptr<execution>>>
start_execution(const query& called, std::unique_ptr<adapter::cursor> opened, call_context context);

} // namespace hyperterse::gateway
