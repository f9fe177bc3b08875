#pragma once

#include "adapter/adapter.hpp"

#include <libpq-fe.h>

namespace hyperterse::adapter::postgres {

// What the statement of this last result did.
completion completion_of(const PGresult* said);

} // namespace hyperterse::adapter::postgres
