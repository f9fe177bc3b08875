#pragma once

#include "adapter/backend.hpp"
#include "config/model.hpp"

#include <string_view>
#include <vector>

namespace hyperterse::app {

// The backend of a connector, nullptr when this build has none.
const adapter::backend* find_backend(config::connector_kind connector);

// The connectors that this build has.
std::vector<std::string_view> connector_names();

// What the backend of one of the model's adapters needs to know.
adapter::adapter_options options_of(const config::adapter_config& written, const config::model& whole);

} // namespace hyperterse::app
