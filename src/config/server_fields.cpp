#include "config/stores.hpp"
#include "config/tables.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <chrono>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <system_error>

namespace hyperterse::config {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kibi = 1024;
constexpr std::int64_t mebi = 1024 * kibi;
constexpr shape port_shape = whole(0, 65'535);
constexpr shape timeout_shape = duration(1ms, 24h);

constexpr std::array limit_fields{
    field{
        .key = "request_body",
        .accepts = size(1, 1024 * mebi),
        .initial = "1MiB",
        .description = "Largest request body.",
        .store = store_scalar<&server_limits::request_body>,
    },
    field{
        .key = "request_header",
        .accepts = size(256, mebi),
        .initial = "16KiB",
        .description = "Largest request header.",
        .store = store_scalar<&server_limits::request_header>,
    },
    field{
        .key = "json_depth",
        .accepts = whole(1, 1'000),
        .initial = "32",
        .description = "Deepest nesting of a JSON request.",
        .store = store_scalar<&server_limits::json_depth>,
    },
    field{
        .key = "connections",
        .accepts = whole(1, 1'000'000),
        .initial = "10000",
        .description = "Most client connections at once.",
        .store = store_scalar<&server_limits::connections>,
    },
    field{
        .key = "in_flight",
        .accepts = whole(1, 1'000'000),
        .initial = "1024",
        .description = "Most requests being served at once.",
        .store = store_scalar<&server_limits::in_flight>,
    },
    field{
        .key = "request_timeout",
        .accepts = timeout_shape,
        .initial = "30s",
        .description = "Longest time for a whole request.",
        .store = store_scalar<&server_limits::request_timeout>,
    },
    field{
        .key = "header_timeout",
        .accepts = timeout_shape,
        .initial = "10s",
        .description = "Longest time for a client to send the header.",
        .store = store_scalar<&server_limits::header_timeout>,
    },
    field{
        .key = "body_timeout",
        .accepts = timeout_shape,
        .initial = "30s",
        .description = "Longest time for a client to send the body.",
        .store = store_scalar<&server_limits::body_timeout>,
    },
    field{
        .key = "idle_timeout",
        .accepts = timeout_shape,
        .initial = "60s",
        .description = "Longest time between two requests of a connection.",
        .store = store_scalar<&server_limits::idle_timeout>,
    },
    field{
        .key = "write_timeout",
        .accepts = timeout_shape,
        .initial = "30s",
        .description = "Longest time for a client to take a part of the answer.",
        .store = store_scalar<&server_limits::write_timeout>,
    },
    field{
        .key = "drain_timeout",
        .accepts = duration(0ms, 24h),
        .initial = "15s",
        .description = "Longest time that a stopping server waits for requests in flight.",
        .store = store_scalar<&server_limits::drain_timeout>,
    },
};
constexpr table limits_table{.fields = limit_fields};

constexpr std::array admin_fields{
    field{
        .key = "host",
        .accepts = text(),
        .description = "Address to listen on; that of the server when absent.",
        .store = store_scalar<&listen_address::host>,
    },
    field{
        .key = "port",
        .accepts = port_shape,
        .needed = presence::required,
        .description = "Port to listen on; 0 is any free one.",
        .store = store_scalar<&listen_address::port>,
    },
};
constexpr table admin_table{.fields = admin_fields};

constexpr std::array query_default_fields{
    field{
        .key = "cache",
        .accepts = section(cache_table),
        .forgives = tolerance::wrong_kind,
        .description = "Default for the cache of every query.",
        .store = read_cache,
    },
    field{
        .key = "timeout",
        .accepts = timeout_shape,
        .initial = "30s",
        .description = "Default for the timeout of every query.",
        .store = store_scalar<&server_config::query_timeout>,
    },
    field{
        .key = "max_rows",
        .accepts = whole(1, 1'000'000'000),
        .initial = "10000",
        .description = "Default for the most rows of every query.",
        .store = store_scalar<&server_config::query_max_rows>,
    },
};
constexpr table query_defaults_table{.fields = query_default_fields};

constexpr std::array log_levels{
    word{"1", 1},
    word{"2", 2},
    word{"3", 3},
    word{"4", 4},
    word{"error", 1},
    word{"warn", 2},
    word{"info", 3},
    word{"debug", 4},
    word{"ERROR", 1},
    word{"WARN", 2},
    word{"INFO", 3},
    word{"DEBUG", 4},
};
constexpr std::array log_formats{
    word{"text", static_cast<std::int64_t>(log::format::text)},
    word{"json", static_cast<std::int64_t>(log::format::json)},
};
constexpr std::array startup_modes{
    word{"degraded", static_cast<std::int64_t>(startup_mode::degraded)},
    word{"strict", static_cast<std::int64_t>(startup_mode::strict)},
};

bool is_web_address(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}
constexpr name_rule web_address{
    .pattern = "^https?://",
    .matches = is_web_address,
    .words = "must start with http:// or https://",
};

// An address, or an address and the length of its prefix.
bool is_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    in6_addr parsed{};
    const bool v4 = inet_pton(AF_INET, address.c_str(), &parsed) == 1;
    if (!v4 && inet_pton(AF_INET6, address.c_str(), &parsed) != 1) {
        return false;
    }
    if (slash == std::string_view::npos) {
        return true;
    }
    const std::string_view digits = text.substr(slash + 1);
    unsigned length = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    return read.ec == std::errc() && read.ptr == digits.data() + digits.size() && length <= (v4 ? 32U : 128U);
}
constexpr name_rule network{
    .pattern = "^[0-9a-fA-F:.]+(/[0-9]{1,3})?$",
    .matches = is_network,
    .words = "must be networks such as 10.0.0.0/8 or 2001:db8::/32",
};

constexpr field planned(std::string_view key) {
    return {.key = key, .needed = presence::planned};
}

constexpr std::array server_fields{
    field{
        .key = "host",
        .accepts = text(),
        .initial = "0.0.0.0",
        .description = "Address to listen on.",
        .store = store_scalar<&server_config::listen, &listen_address::host>,
    },
    field{
        .key = "port",
        .accepts = port_shape,
        .forgives = tolerance::wrong_kind,
        .initial = "8080",
        .description = "Port to listen on; 0 is any free one.",
        .store = store_scalar<&server_config::listen, &listen_address::port>,
    },
    field{
        .key = "admin",
        .accepts = section(admin_table),
        .description = "A listener of its own for metrics and health.",
        .store = store_section<&server_config::admin>,
    },
    field{
        .key = "log_level",
        .accepts = one_of(log_levels),
        .forgives = tolerance::any,
        .initial = "3",
        .description = "1 error, 2 warn, 3 info, 4 debug.",
        .store = store_scalar<&server_config::log_level>,
    },
    field{
        .key = "log_format",
        .accepts = one_of(log_formats),
        .initial = "text",
        .description = "Form of the log lines.",
        .store = store_scalar<&server_config::log_format>,
    },
    field{
        .key = "workers",
        .accepts = whole(1, 1'024),
        .description = "Threads that serve; one per core when absent.",
        .store = store_scalar<&server_config::workers>,
    },
    field{
        .key = "base_url",
        .accepts = {.type = shape::kind::text, .least = 1, .names = &web_address},
        .description = "Address of the service that documents print.",
        .store = store_scalar<&server_config::base_url>,
    },
    field{
        .key = "trusted_proxies",
        .accepts = {.type = shape::kind::text_list, .least = 1, .names = &network},
        .description = "Networks whose X-Forwarded headers are believed.",
        .store = store_list<&server_config::trusted_proxies>,
    },
    field{
        .key = "limits",
        .accepts = section(limits_table),
        .description = "Bounds on requests and connections.",
        .store = store_section<&server_config::limits>,
    },
    field{
        .key = "queries",
        .accepts = section(query_defaults_table),
        .forgives = tolerance::wrong_kind,
        .description = "Defaults for every query.",
        .store = store_same,
    },
    field{
        .key = "startup",
        .accepts = one_of(startup_modes),
        .initial = "degraded",
        .description = "Serve while adapters are down, or exit when one is.",
        .store = store_scalar<&server_config::startup>,
    },
    planned("tls"),
    planned("cors"),
    planned("auth"),
    planned("access"),
    planned("rate_limit"),
    planned("audit"),
    planned("tracing"),
};

} // namespace

const table server_table{.fields = server_fields};

} // namespace hyperterse::config
