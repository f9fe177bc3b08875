#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hyperterse {

// What went wrong, named by what the caller can do about it. One code per row of errc_table.
enum class errc : std::uint8_t {
    invalid_request,    // the request itself is malformed
    invalid_input,      // an input value is missing, unknown, of the wrong type or out of its bounds
    unauthenticated,    // no or bad credentials
    forbidden,          // known caller, not allowed
    not_found,          // no such query or path
    method_not_allowed, // the path exists, the method does not
    not_acceptable,     // no representation that the client accepts
    conflict,           // unique, foreign-key, check or serialization failure
    too_large,          // over a size limit
    unsupported_media,  // request body of a media type that is not accepted
    rate_limited,       // over the caller's rate
    overloaded,         // over a limit of this process: pool, in-flight requests
    timeout,            // the deadline passed
    unavailable,        // the database, the query or the process cannot serve now
    cancelled,          // the caller went away or the process stops
    internal,           // our fault, or the configuration's
};

struct errc_info {
    errc code;
    std::string_view name; // the "code" member of an error body
    unsigned http_status;
    int jsonrpc_code;
    bool retryable; // the same request may succeed later without a change
};

inline constexpr std::array errc_table{
    errc_info{errc::invalid_request, "invalid_request", 400, -32600, false},
    errc_info{errc::invalid_input, "invalid_input", 400, -32602, false},
    errc_info{errc::unauthenticated, "unauthenticated", 401, -32001, false},
    errc_info{errc::forbidden, "forbidden", 403, -32003, false},
    errc_info{errc::not_found, "not_found", 404, -32004, false},
    errc_info{errc::method_not_allowed, "method_not_allowed", 405, -32601, false},
    errc_info{errc::not_acceptable, "not_acceptable", 406, -32600, false},
    errc_info{errc::conflict, "conflict", 409, -32009, false},
    errc_info{errc::too_large, "too_large", 413, -32013, false},
    errc_info{errc::unsupported_media, "unsupported_media", 415, -32600, false},
    errc_info{errc::rate_limited, "rate_limited", 429, -32029, true},
    errc_info{errc::overloaded, "overloaded", 503, -32053, true},
    errc_info{errc::timeout, "timeout", 504, -32054, true},
    errc_info{errc::unavailable, "unavailable", 503, -32050, true},
    errc_info{errc::cancelled, "cancelled", 499, -32800, true},
    errc_info{errc::internal, "internal", 500, -32603, false},
};

static_assert(
    [] {
        for (std::size_t index = 0; index < errc_table.size(); ++index) {
            if (static_cast<std::size_t>(errc_table[index].code) != index) {
                return false;
            }
        }
        return errc_table.size() == static_cast<std::size_t>(errc::internal) + 1;
    }(),
    "errc_table has one row per errc, in order"
);

constexpr const errc_info& info(errc code) {
    return errc_table[static_cast<std::size_t>(code)];
}

} // namespace hyperterse
