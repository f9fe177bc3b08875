#pragma once

#include "config/fields.hpp"
#include "config/model.hpp"

#include <string>
#include <vector>

namespace hyperterse::config {

// Names of bundles and queries; of adapters and inputs; of output columns.
extern const name_rule lower_name;
extern const name_rule mixed_name;
extern const name_rule column_name;

// What one file says. An included file has adapters and queries only.
struct file_content {
    model written;
    std::vector<located<std::string>> include;
};

extern const table root_table;     // of file_content
extern const table included_table; // of file_content
extern const table server_table;   // of server_config
extern const table adapter_table;  // of adapter_config
extern const table query_table;    // of query_config
extern const table input_table;    // of input_config
extern const table cache_table;    // of cache_settings

// Checked, but without effect: this build has no cache.
struct cache_settings {
    std::optional<bool> enabled;
    std::optional<milliseconds> ttl;
};
class reader;
void read_cache(reader& from, const field& row, const node& given, void* target);

} // namespace hyperterse::config
