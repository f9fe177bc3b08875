#pragma once

#include "base/deadline.hpp"
#include "base/error.hpp"

namespace hyperterse::adapter {

// Why a call that its context ended gives no result: errc::cancelled when stop was requested, else
// errc::timeout.
error interruption(const call_context& context);

} // namespace hyperterse::adapter
