#pragma once

#include "adapter/backend.hpp"
#include "config/model.hpp"

namespace hyperterse::app {

// The backend of a connector, nullptr when this build has none.
const adapter::backend* find_backend(config::connector_kind connector);

// What the backend needs to know, out of the configuration.
adapter::adapter_options options_of(const config::adapter_config& written);

} // namespace hyperterse::app
