#include "config/stores.hpp"
#include "config/tables.hpp"

#include <array>
#include <chrono>
#include <fmt/format.h>

namespace hyperterse::config {

namespace {

using namespace std::chrono_literals;

constexpr shape wait_shape = duration(1ms, 24h);
constexpr shape age_shape = duration(1ms, 24h * 365);
// PostgreSQL's plain numbers are milliseconds, a thousandth of what they are read as at first.
constexpr int plain_per_millisecond = 1'000;
constexpr shape statement_wait_shape = duration(1ms, 24h * plain_per_millisecond);

constexpr std::array connectors{
    word{"postgres", static_cast<std::int64_t>(connector_kind::postgres)},
    word{"postgresql", static_cast<std::int64_t>(connector_kind::postgres)},
    word{"mysql", static_cast<std::int64_t>(connector_kind::mysql)},
    word{"mariadb", static_cast<std::int64_t>(connector_kind::mysql)},
    word{"sqlite", static_cast<std::int64_t>(connector_kind::sqlite)},
    word{"redis", static_cast<std::int64_t>(connector_kind::redis)},
    word{"mongodb", static_cast<std::int64_t>(connector_kind::mongodb)},
};

constexpr std::array ssl_modes{
    word{"disable"},
    word{"prefer"},
    word{"require"},
    word{"verify-ca"},
    word{"verify-full"},
};

void take_statement_timeout(reader& from, const field& row, const node& given, adapter_config& adapter) {
    if (const auto read = from.scalar(row, given)) {
        adapter.statement_timeout = {.value = milliseconds(read->number), .where = read->where};
        adapter.statement_timeout_has_unit = read->has_unit;
    }
}

constexpr field synonym(std::string_view key, std::string_view of) {
    return {.key = key, .same_as = of};
}

constexpr std::array option_fields{
    field{
        .key = "max_connections",
        .accepts = whole(1, 10'000),
        .initial = "10",
        .description = "Most connections to the database at once.",
        .store = store_scalar<&adapter_config::max_connections>,
    },
    synonym("pool_size", "max_connections"),
    synonym("maxPoolSize", "max_connections"),
    field{
        .key = "min_connections",
        .accepts = whole(0, 10'000),
        .initial = "0",
        .description = "Connections that are kept open when idle.",
        .store = store_scalar<&adapter_config::min_connections>,
    },
    synonym("minPoolSize", "min_connections"),
    field{
        .key = "connect_timeout",
        .accepts = wait_shape,
        .initial = "5s",
        .description = "Longest time to open a connection.",
        .store = store_scalar<&adapter_config::connect_timeout>,
    },
    field{
        .key = "acquire_timeout",
        .accepts = wait_shape,
        .initial = "5s",
        .description = "Longest time that a request waits for a connection.",
        .store = store_scalar<&adapter_config::acquire_timeout>,
    },
    field{
        .key = "idle_timeout",
        .accepts = age_shape,
        .initial = "10m",
        .description = "Longest time that an unused connection stays open.",
        .store = store_scalar<&adapter_config::idle_timeout>,
    },
    field{
        .key = "max_lifetime",
        .accepts = age_shape,
        .initial = "30m",
        .description = "Longest time that any connection stays open.",
        .store = store_scalar<&adapter_config::max_lifetime>,
    },
    field{
        .key = "statement_timeout",
        .accepts = statement_wait_shape,
        .description =
            "Longest time of a statement, kept by the database itself. A plain number is seconds, for "
            "postgres milliseconds.",
        .store = store_by<adapter_config, take_statement_timeout>,
    },
    field{
        .key = "ssl_mode",
        .accepts = one_of(ssl_modes),
        .description = "Whether the connection is encrypted and whose certificate is accepted.",
        .store = store_scalar<&adapter_config::ssl_mode>,
    },
    synonym("sslmode", "ssl_mode"),
    field{
        .key = "ssl_ca",
        .accepts = text(),
        .description = "File of the certificate authorities to trust.",
        .store = store_scalar<&adapter_config::ssl_ca>,
    },
    field{
        .key = "ssl_cert",
        .accepts = text(),
        .description = "File of the client certificate.",
        .store = store_scalar<&adapter_config::ssl_cert>,
    },
    field{
        .key = "ssl_key",
        .accepts = text(),
        .description = "File of the client certificate's key.",
        .store = store_scalar<&adapter_config::ssl_key>,
    },
    field{
        .key = "read_only",
        .accepts = {.type = shape::kind::flag, .quoted_too = true},
        .initial = "false",
        .description = "Refuse every write.",
        .store = store_scalar<&adapter_config::read_only>,
    },
};

void take_driver_option(reader& from, const node& key, const node& given, adapter_config& adapter) {
    if (auto text = from.option_text(key, given)) {
        located<std::string> name{.value = std::string(key.text), .where = from.place(key)};
        adapter.driver_options.push_back({std::move(name), *std::move(text)});
    }
}

void check_options(reader& from, const location& at, adapter_config& adapter) {
    if (adapter.min_connections > adapter.max_connections) {
        from.error(
            at,
            fmt::format(
                "'min_connections' ({}) must not be more than 'max_connections' ({})",
                adapter.min_connections,
                adapter.max_connections
            )
        );
    }
}

constexpr table options_table{
    .fields = option_fields,
    .other = other_by<adapter_config, take_driver_option>,
    .finish = finish_by<adapter_config, check_options>,
};

constexpr std::array adapter_fields{
    field{
        .key = "connector",
        .accepts = one_of(connectors),
        .needed = presence::required,
        .description = "Kind of the database.",
        .store = store_scalar<&adapter_config::connector>,
    },
    field{
        .key = "connection_string",
        .accepts = {.type = shape::kind::text, .least = 1, .confidential = true},
        .needed = presence::required,
        .description = "Where the database is and how to log in.",
        .store = store_scalar<&adapter_config::connection_string>,
    },
    field{
        .key = "options",
        .accepts = section(options_table),
        .forgives = tolerance::wrong_kind,
        .description = "Options common to all connectors; any other goes to the driver.",
        .store = store_same,
    },
};

// A plain number means to PostgreSQL what the server itself takes it for.
void settle_statement_timeout(reader& from, const location&, adapter_config& adapter) {
    if (!adapter.statement_timeout) {
        return;
    }
    auto& [length, where, secret] = *adapter.statement_timeout;
    if (adapter.connector.value == connector_kind::postgres && !adapter.statement_timeout_has_unit) {
        length /= plain_per_millisecond;
    }
    const scalar_text settled{.text = fmt::format("{}ms", length.count())};
    if (const converted read = convert(wait_shape, settled); !read.value) {
        from.error(where, fmt::format("'statement_timeout' {}", read.why_not.expected));
    }
}

} // namespace

const table adapter_table{
    .fields = adapter_fields,
    .finish = finish_by<adapter_config, settle_statement_timeout>,
};

} // namespace hyperterse::config
