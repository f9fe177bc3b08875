#pragma once

#include <optional>
#include <string_view>

namespace hyperterse::cli {

struct init_template {
    std::string_view connector;
    std::string_view config;
    std::string_view schema; // becomes schema.sql beside the configuration
};

// Empty when there is no template for the connector.
std::optional<init_template> find_init_template(std::string_view connector);

} // namespace hyperterse::cli
