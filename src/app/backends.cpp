#include "app/backends.hpp"

#include "adapter/postgres/postgres.hpp"
#include "adapter/sqlite/sqlite.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hyperterse::app {

namespace {

struct backend_row {
    config::connector_kind connector;
    const adapter::backend* backend;
};

const std::array backends{
    backend_row{config::connector_kind::postgres, &adapter::postgres_backend},
    backend_row{config::connector_kind::sqlite, &adapter::sqlite_backend},
};

// The longest time-out of a query that uses the adapter; of any query to come when none does.
std::chrono::milliseconds longest_call(const std::string& adapter_name, const config::model& whole) {
    std::optional<std::chrono::milliseconds> longest;
    for (const config::query_config& query : whole.queries) {
        const auto& names = query.use;
        if (std::ranges::find(names, adapter_name, &config::located<std::string>::value) != names.end()) {
            const auto timeout = query.timeout.value_or(whole.server.query_timeout);
            longest = std::max(longest.value_or(timeout), timeout);
        }
    }
    return longest.value_or(whole.server.query_timeout);
}

std::vector<adapter::driver_option> tls_options(const config::adapter_config& written) {
    const std::array given{
        std::pair("ssl_mode", &written.ssl_mode),
        std::pair("ssl_ca", &written.ssl_ca),
        std::pair("ssl_cert", &written.ssl_cert),
        std::pair("ssl_key", &written.ssl_key),
    };
    std::vector<adapter::driver_option> options;
    for (const auto& [name, text] : given) {
        if (*text) {
            const auto& [value, where, secret] = **text;
            options.push_back({.name = name, .text = value, .where = where, .secret = secret});
        }
    }
    return options;
}

} // namespace

const adapter::backend* find_backend(config::connector_kind connector) {
    for (const backend_row& row : backends) {
        if (row.connector == connector) {
            return row.backend;
        }
    }
    return nullptr;
}

std::vector<std::string_view> connector_names() {
    std::vector<std::string_view> names;
    for (const backend_row& row : backends) {
        names.push_back(config::name(row.connector));
    }
    return names;
}

adapter::adapter_options options_of(const config::adapter_config& written, const config::model& whole) {
    adapter::adapter_options options{
        .name = written.name.value,
        .connection_string = written.connection_string.value.reveal(),
        .secret = written.connection_string.secret,
        .directory = written.directory,
        .pool =
            {
                .max_connections = written.max_connections,
                .min_connections = written.min_connections,
                .connect_timeout = written.connect_timeout,
                .acquire_timeout = written.acquire_timeout,
                .idle_timeout = written.idle_timeout,
                .max_lifetime = written.max_lifetime,
            },
        .statement_timeout = std::nullopt,
        .longest_call = longest_call(written.name.value, whole),
        .tls = tls_options(written),
        .read_only = written.read_only,
        .driver = {},
    };
    if (written.statement_timeout) {
        options.statement_timeout = written.statement_timeout->value;
    }
    for (const auto& [name, text] : written.driver_options) {
        options.driver.push_back(
            {.name = name.value, .text = text.value, .where = name.where, .secret = text.secret}
        );
    }
    return options;
}

} // namespace hyperterse::app
