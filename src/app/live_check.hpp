#pragma once

#include "adapter/adapter.hpp"
#include "app/bundle.hpp"
#include "base/diagnostic.hpp"

#include <vector>

namespace hyperterse::app {

struct query_contract {
    const gateway::query* query; // of the bundle
    adapter::contract contract;
};

// Connects to every adapter and lets the database check every statement; what it refuses is reported at the
// place of the adapter or statement. Returns the contracts of the others, in file order. Blocking.
std::vector<query_contract> live_check(const bundle& checked, diagnostics& found);

} // namespace hyperterse::app
