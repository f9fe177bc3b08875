#pragma once

#include "adapter/pool.hpp"
#include "adapter/postgres/session.hpp"
#include "adapter/postgres/settings.hpp"

#include <memory>

namespace hyperterse::adapter::postgres {

// Connects to the first host that serves as asked, and sets the session up; within the context.
// errc::unavailable: no server answered, or none as asked; errc::internal: trying again cannot help.
task<result<std::unique_ptr<session>>> open_session(const settings& how, call_context context);

} // namespace hyperterse::adapter::postgres
