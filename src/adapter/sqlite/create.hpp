#pragma once

#include "adapter/sqlite/settings.hpp"
#include "base/deadline.hpp"
#include "base/error.hpp"

#include <optional>
#include <sqlite3.h>
#include <string>

namespace hyperterse::adapter::sqlite {

// Runs every statement of the script options.init; the detail of an error says where it stands. The call's
// end stops it. REQUIRES: options.init. Blocking.
std::optional<error> run_script(sqlite3* database, const settings& options, const call_context& context);

// Makes options.file with the script options.init. The file appears complete or not at all, and an existing
// one, made by another process meanwhile, stays. REQUIRES: options.init. Blocking.
std::optional<error> create_from_script(const settings& options, const call_context& context);

} // namespace hyperterse::adapter::sqlite
