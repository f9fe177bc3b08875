#pragma once

#include "adapter/options.hpp"
#include "adapter/postgres/connection_string.hpp"
#include "adapter/postgres/values.hpp"
#include "base/diagnostic.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace hyperterse::adapter::postgres {

enum class prepared_mode : std::uint8_t {
    named,   // once per connection
    unnamed, // parsed each time, for poolers that do not know prepared statements
};

enum class pipeline_mode : std::uint8_t {
    automatic, // short reads share connections
    off,       // one statement at a time on each connection
};

// The connection string and the options of an adapter, understood.
struct settings {
    // For PQconnectStartParams, without expansion of dbname: with what the environment and a service file
    // add, and our defaults.
    parameters connection;
    // For set_config() right after connecting, in this order: first what the gateway relies on.
    parameters session;
    std::optional<prepared_mode> prepared; // empty: what suits the connection
    pipeline_mode pipeline = pipeline_mode::automatic;
    value_options values;
    std::chrono::milliseconds statement_timeout{}; // that of `session`
    std::string target;                            // host:port/database, for the log
    bool secret = false; // some of it came from the environment or a file: no message shows a part of it
};

// Reports what it does not understand: of the connection string at `where`, of an option at its own place.
// What it returns is usable only when nothing was reported as an error. Reads the environment, a service file
// and the permissions of files; does not connect.
settings read_settings(const adapter_options& options, const location& where, diagnostics& found);

} // namespace hyperterse::adapter::postgres
