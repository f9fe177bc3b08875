#pragma once

#include "base/diagnostic.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::adapter {

// The options that all connectors share, parsed and bounded by the configuration loader.
struct pool_options {
    std::size_t max_connections = 10;
    std::size_t min_connections = 0;
    std::size_t reserved_connections = 0; // of the most, only for claims that are `reserved`
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds acquire_timeout{5'000};
    std::chrono::milliseconds idle_timeout{600'000};
    std::chrono::milliseconds max_lifetime{1'800'000};
};

// An option that is the connector's own business, as written.
struct driver_option {
    std::string name;
    std::string text;
    location where;
    bool secret = false; // the text came from the environment or a file: no message shows it
};

// The names of the options that are not a connector's own, as a configuration has them.
inline constexpr std::array<std::string_view, 13> common_option_names{
    "max_connections",
    "pool_size",
    "min_connections",
    "connect_timeout",
    "acquire_timeout",
    "idle_timeout",
    "max_lifetime",
    "statement_timeout",
    "ssl_mode",
    "ssl_ca",
    "ssl_cert",
    "ssl_key",
    "read_only",
};

// Everything a backend needs to build its adapter.
struct adapter_options {
    std::string name;
    std::string connection_string;   // may hold a password
    bool secret = false;             // it came from the environment or a file: no message shows a part of it
    std::filesystem::path directory; // of the configuration file: what relative paths are relative to
    pool_options pool;
    std::optional<std::chrono::milliseconds> statement_timeout;
    std::chrono::milliseconds longest_call{30'000}; // of the time-outs of all queries that use the adapter
    std::vector<driver_option> tls; // ssl_mode, ssl_ca, ssl_cert and ssl_key, those that are written
    bool read_only = false;
    std::vector<driver_option> driver; // those that are not common
};

// The directory, absolute.
std::filesystem::path base_directory(const adapter_options& options);

} // namespace hyperterse::adapter
