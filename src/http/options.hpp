#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hyperterse::http {

using std::chrono::milliseconds;

struct listen_options {
    std::string host;       // an address or a name; "0.0.0.0" and "::" are every interface
    std::uint16_t port = 0; // 0: any free one
};

// What one client, or all of them together, can take. Sizes in bytes.
struct server_limits {
    std::size_t request_body = 1024 * 1024;
    std::size_t request_header = 16 * 1024; // request line and headers with their line ends
    std::size_t json_depth = 32;
    std::size_t connections = 10'000;
    std::size_t in_flight = 1'024; // queries that are read, executed or answered
    milliseconds request_timeout{30'000};
    milliseconds header_timeout{10'000};
    milliseconds body_timeout{30'000};
    milliseconds idle_timeout{60'000};
    milliseconds write_timeout{30'000}; // of one batch
};

struct server_options {
    listen_options listen{};
    std::optional<listen_options> admin{}; // a second listener: probes only, with details
    server_limits limits{};
    std::vector<std::string> trusted_proxies{}; // CIDR or address
};

} // namespace hyperterse::http
