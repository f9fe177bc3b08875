#pragma once

#include "base/diagnostic.hpp"
#include "base/log.hpp"
#include "base/value.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// The configuration as the user wrote it: checked value by value, with places kept for the checks that come
// later (gateway::compile). Order is file order.
namespace hyperterse::config {

using std::chrono::milliseconds;

// `secret`: the value came from the environment or a file, so no message may show it.
template <class T>
struct located {
    T value{};
    location where;
    bool secret = false;
};

// For messages: the text, or *** when it is secret.
std::string_view shown(const located<std::string>& text);

// Text that is never printed: fmt and the log have no way to it but reveal().
class secret {
public:
    secret() = default;
    explicit secret(std::string text) : text_(std::move(text)) {}
    const std::string& reveal() const { return text_; }

private:
    std::string text_;
};

// Text with the place of each of its bytes in the file.
struct located_text {
    // From `offset` on, bytes of the value are bytes of the file, from line and column on.
    struct run {
        std::size_t offset;
        std::size_t line;
        std::size_t column;
    };
    std::string value;
    location where; // of the value's first byte
    // In order of offset. Empty where the value's bytes are not those of the file (folded and escaped text):
    // then every offset has the place `where`.
    std::vector<run> runs;

    location at(std::size_t offset) const;
};

// A value of the configuration whose type depends on another key (defaults, enum members, bounds).
struct literal {
    enum class kind : std::uint8_t { null, boolean, number, string, list };
    kind type = kind::null;
    std::string text;           // not of a list; a number in decimal, as JSON writes it, with all its digits
    std::vector<literal> items; // of a list
    location where;
    bool secret = false; // see located
};

// For messages: the text, or *** when it is secret.
std::string_view shown(const literal& written);

struct server_limits {
    std::size_t request_body = 1024 * 1024;
    std::size_t request_header = 16 * 1024;
    std::size_t json_depth = 32;
    std::size_t connections = 10'000;
    std::size_t in_flight = 1'024;
    milliseconds request_timeout{30'000};
    milliseconds header_timeout{10'000};
    milliseconds body_timeout{30'000};
    milliseconds idle_timeout{60'000};
    milliseconds write_timeout{30'000};
    milliseconds drain_timeout{15'000};
};

struct listen_address {
    std::optional<std::string> host;
    std::optional<std::uint16_t> port; // 0: any free one
};

enum class startup_mode : std::uint8_t { degraded, strict };

struct server_config {
    listen_address listen;
    std::optional<listen_address> admin;
    std::optional<log::level> log_level;
    std::optional<log::format> log_format;
    std::optional<std::size_t> workers;
    std::optional<std::string> base_url;
    std::vector<located<std::string>> trusted_proxies; // CIDR
    server_limits limits;
    milliseconds query_timeout{30'000};
    std::size_t query_max_rows = 10'000;
    startup_mode startup = startup_mode::degraded;
};

enum class connector_kind : std::uint8_t { postgres, mysql, sqlite, redis, mongodb };
std::string_view name(connector_kind kind);

struct adapter_config {
    located<std::string> name;
    located<connector_kind> connector;
    located<secret> connection_string;

    std::size_t max_connections = 10;
    std::size_t min_connections = 0;
    milliseconds connect_timeout{5'000};
    milliseconds acquire_timeout{5'000};
    milliseconds idle_timeout{600'000};
    milliseconds max_lifetime{1'800'000};
    std::optional<located<milliseconds>> statement_timeout;
    bool statement_timeout_has_unit = true; // as written; the loader has settled what a plain number means
    std::optional<located<std::string>> ssl_mode;
    std::optional<located<std::string>> ssl_ca;
    std::optional<located<std::string>> ssl_cert;
    std::optional<located<std::string>> ssl_key;
    bool read_only = false;

    struct driver_option {
        located<std::string> name;
        located<std::string> text;
    };
    std::vector<driver_option> driver_options; // every other key of `options`, for the connector to judge
    std::filesystem::path directory;           // of the file that defines the adapter
};

struct input_config {
    located<std::string> name;
    located<value_type> type;
    bool array = false;
    std::string description;
    bool optional = false;
    std::optional<literal> default_value;

    struct choice {
        located<std::string> word;
        located<std::string> fragment;
    };
    std::vector<choice> choices; // of type choice
    std::optional<literal> min;
    std::optional<literal> max;
    std::optional<located<std::size_t>> min_length;
    std::optional<located<std::size_t>> max_length;
    std::optional<located<std::size_t>> min_items;
    std::optional<located<std::size_t>> max_items;
    std::optional<located<std::string>> pattern; // compiles as RE2
    std::optional<located<std::string>> format;  // email or uri
    std::vector<literal> allowed;                // `enum`
};

struct data_config {
    located<std::string> name;
    located<value_type> type;
    std::string description;
    std::optional<std::string> map_to;
    bool redact = false;
};

enum class declared_effect : std::uint8_t { read, write };
struct surfaces {
    bool rest = true;
    bool mcp = true;
};

struct query_config {
    located<std::string> name;
    std::vector<located<std::string>> use; // never empty; each names an adapter of the model
    std::string description;
    located_text statement;
    std::vector<input_config> inputs;
    std::vector<data_config> data;
    std::optional<located<declared_effect>> effect;
    std::optional<milliseconds> timeout;
    std::optional<std::size_t> max_rows;
    surfaces expose;
    std::vector<std::string> tags;
    bool deprecated = false;
};

struct export_config {
    std::string out = "dist";
    bool clean_dir = false;
};

struct model {
    located<std::string> name;
    std::string version = "0.0.0";
    std::string description;
    server_config server;
    std::vector<adapter_config> adapters;
    std::vector<query_config> queries;
    export_config bundle;
};

} // namespace hyperterse::config
