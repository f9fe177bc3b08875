#include "app/backends.hpp"

#include "adapter/sqlite/sqlite.hpp"

#include <array>

namespace hyperterse::app {

namespace {

struct backend_row {
    config::connector_kind connector;
    const adapter::backend* backend;
};

const std::array backends{
    backend_row{config::connector_kind::sqlite, &adapter::sqlite_backend},
};

} // namespace

const adapter::backend* find_backend(config::connector_kind connector) {
    for (const backend_row& row : backends) {
        if (row.connector == connector) {
            return row.backend;
        }
    }
    return nullptr;
}

adapter::adapter_options options_of(const config::adapter_config& written) {
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
        .statement_timeout = written.statement_timeout,
        .read_only = written.read_only,
        .driver = {},
    };
    for (const auto& [name, text] : written.driver_options) {
        options.driver.push_back(
            {.name = name.value, .text = text.value, .where = name.where, .secret = text.secret}
        );
    }
    return options;
}

} // namespace hyperterse::app
