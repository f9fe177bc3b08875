#include "adapter/postgres/libpq_defaults.hpp"

#include "adapter/postgres/handle.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <system_error>
#include <vector>

namespace hyperterse::adapter::postgres {

namespace {

using namespace std::string_view_literals;
using option_list = std::unique_ptr<PQconninfoOption, released_by<PQconninfoFree>>;

struct default_value {
    std::string_view keyword;
    std::string_view value;
};
// A connection whose other end is gone is found within seconds; tcp_user_timeout bounds also what libpq waits
// for by itself.
constexpr std::array own_defaults{
    default_value{"application_name", "hyperterse"},
    default_value{"keepalives_idle", "30"}, // s
    default_value{"keepalives_interval", "5"},
    default_value{"keepalives_count", "3"},
    default_value{"tcp_user_timeout", "10000"}, // ms
};

// The files of certificate authorities of the usual systems.
constexpr std::array<const char*, 4> system_authorities{
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

std::optional<std::string_view> variable(const char* name) {
    const char* const value = name == nullptr ? nullptr : std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
}

bool is_local(std::string_view host) {
    if (host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost") {
        return true;
    }
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(host, no_address);
    return !no_address && address.is_loopback();
}

bool all_local(const parameters& given) {
    const std::string_view addresses = value_of(given, "hostaddr");
    const std::string_view hosts = addresses.empty() ? value_of(given, "host") : addresses;
    return std::ranges::all_of(std::views::split(hosts, ','), [](auto&& host) {
        return is_local(std::string_view(host.begin(), host.end()));
    });
}

std::string default_sslmode(const parameters& given) {
    const std::string_view authorities = value_of(given, "sslrootcert");
    if (authorities == "system") {
        return "verify-full";
    }
    return authorities.empty() && all_local(given) ? "prefer" : "require";
}

// Where libpq itself looks for certificate authorities.
bool has_own_authorities() {
    const auto home = variable("HOME");
    std::error_code ignored;
    return home && std::filesystem::exists(std::filesystem::path(*home) / ".postgresql/root.crt", ignored);
}

std::optional<std::string> system_authorities_file() {
    if (const auto named = variable("SSL_CERT_FILE")) {
        return std::string(*named);
    }
    for (const char* const file : system_authorities) {
        std::error_code ignored;
        if (std::filesystem::exists(file, ignored)) {
            return file;
        }
    }
    return std::nullopt;
}

// A mode that verifies needs authorities: those of the system where none are named.
std::string settle_authorities(parameters& given) {
    const std::string_view named = value_of(given, "sslrootcert");
    const bool verifies = value_of(given, "sslmode").starts_with("verify-");
    if (named != "system" && (!named.empty() || !verifies || has_own_authorities())) {
        return {};
    }
    auto file = system_authorities_file();
    if (!file) {
        return "the system's file of certificate authorities was not found: name one with 'ssl_ca'";
    }
    assign(given, "sslrootcert", *std::move(file));
    return {};
}

std::string check_session_attributes(parameters& given) {
    static constexpr std::array<std::string_view, 6> known{
        "any", "read-write", "read-only", "primary", "standby", "prefer-standby"
    };
    const std::string_view written = value_of(given, "target_session_attrs");
    const bool fits = written.empty() || std::ranges::find(known, written) != known.end();
    return fits ? "" : fmt::format("'target_session_attrs' is not one of: {}", join(known));
}

std::string check_ports(parameters& given) {
    constexpr int last_port = 65535;
    for (const auto part : std::views::split(value_of(given, "port"), ',')) {
        const std::string_view port(part.begin(), part.end());
        int number = 1;
        const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
        const bool whole = read.ec == std::errc() && read.ptr == port.data() + port.size();
        if (!port.empty() && (!whole || number < 1 || number > last_port)) {
            return fmt::format("a port is a number from 1 to {}", last_port);
        }
    }
    return {};
}

// A connection that libpq has put together but not begun to open, as it stumbles over the parameter that it
// looks at last before it does.
struct unopened {
    connection_handle handle;
    std::string problem; // with the other parameters
};

constexpr const char* stumbling_keyword = "gssencmode";
constexpr const char* stumbling_value = "not opened";

unopened put_together(const parameters& written) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : written) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.insert(keywords.end(), {stumbling_keyword, nullptr});
    values.insert(values.end(), {stumbling_value, nullptr});
    connection_handle handle(PQconnectStartParams(keywords.data(), values.data(), 0));
    std::string said(trim(PQerrorMessage(handle.get())));
    const bool stumbled = said.find(stumbling_value) != std::string::npos;
    return {.handle = std::move(handle), .problem = stumbled ? std::string() : std::move(said)};
}

// By the configuration, the environment or a service file.
bool is_chosen(const PQconninfoOption& option, const parameters& written) {
    const bool is_compiled = option.val != nullptr && option.compiled != nullptr &&
        std::string_view(option.val) == option.compiled;
    return !is_compiled || variable(option.envvar) ||
        std::ranges::count(written, option.keyword, &parameter::first) > 0;
}

} // namespace

bool is_keyword(std::string_view name) {
    static const std::vector<std::string> keywords = [] {
        std::vector<std::string> names;
        const option_list known(PQconninfoParse("", nullptr));
        for (const PQconninfoOption* each = known.get(); each->keyword != nullptr; ++each) {
            names.emplace_back(each->keyword);
        }
        return names;
    }();
    return std::ranges::find(keywords, name) != keywords.end();
}

completed_parameters complete(const parameters& written) {
    const unopened probe = put_together(written);
    const option_list merged(PQconninfo(probe.handle.get()));
    parameters all;
    for (const PQconninfoOption* each = merged.get(); each != nullptr && each->keyword != nullptr; ++each) {
        if (std::string_view(each->keyword) == stumbling_keyword) {
            // Without it: a round trip that hardly a server knows what to do with.
            const auto by_environment = variable(each->envvar).value_or("disable");
            const std::string_view by_user = value_of(written, each->keyword);
            assign(all, each->keyword, std::string(by_user.empty() ? by_environment : by_user));
        } else if (each->val != nullptr && (each->keyword != "sslmode"sv || is_chosen(*each, written))) {
            assign(all, each->keyword, each->val);
        }
    }
    assign(all, "client_encoding", "UTF8");
    for (const auto& [keyword, value] : own_defaults) {
        if (value_of(all, keyword).empty()) {
            assign(all, keyword, std::string(value));
        }
    }
    if (value_of(all, "sslmode").empty()) {
        assign(all, "sslmode", default_sslmode(all));
    }
    std::string problem = probe.problem;
    for (const auto look : {settle_authorities, check_session_attributes, check_ports}) {
        problem = problem.empty() ? look(all) : problem;
    }
    return {.all = std::move(all), .problem = std::move(problem)};
}

} // namespace hyperterse::adapter::postgres
