#pragma once

#include "base/diagnostic.hpp"
#include "config/model.hpp"

namespace hyperterse::config {

// Checks what the parts of the merged model have to do with each other: names defined twice in different
// files, adapters that queries use but nobody defines.
void check_references(const model& merged, diagnostics& found);

} // namespace hyperterse::config
