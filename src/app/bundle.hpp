#pragma once

#include "adapter/backend.hpp"
#include "base/diagnostic.hpp"
#include "config/load.hpp"
#include "config/model.hpp"
#include "gateway/catalog.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace hyperterse::app {

// An adapter of the configuration with the backend that serves it.
struct adapter_plan {
    const adapter::backend* backend;
    adapter::adapter_options options;
};

// A configuration with everything in it checked and compiled that needs no database.
struct bundle {
    config::model model;
    std::vector<adapter_plan> adapters; // by index of model.adapters
    std::unique_ptr<const gateway::catalog> queries;
};

// Loads, checks and compiles. Empty exactly when `found` has an error. Blocking; connects to nothing.
std::optional<bundle>
load_bundle(const config::source& from, const config::load_options& options, diagnostics& found);

} // namespace hyperterse::app
