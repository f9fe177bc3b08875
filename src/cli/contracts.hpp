#pragma once

#include "app/live_check.hpp"

#include <string>
#include <vector>

namespace hyperterse::cli {

// For people: each query with its columns.
std::string to_text(const std::vector<app::query_contract>& contracts);

// For tools: [{"name","effect","columns":[{"name","type","nullable"}]}]. What the database does not tell is
// left out.
std::string to_json(const std::vector<app::query_contract>& contracts);

} // namespace hyperterse::cli
