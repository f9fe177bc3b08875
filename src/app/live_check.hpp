#pragma once

#include "app/bundle.hpp"
#include "base/diagnostic.hpp"

#include <string>

namespace hyperterse::app {

// Connects to every adapter and lets the database check every statement; what it refuses is reported at the
// place of the adapter or statement. Returns the contract of each query as text, in file order. Blocking.
std::string live_check(const bundle& checked, diagnostics& found);

} // namespace hyperterse::app
