#pragma once

#include <string_view>

namespace hyperterse::http {

// A request that HTTP itself refuses, before it means anything to the gateway. The texts are constants.
struct refusal {
    unsigned status;
    std::string_view code; // the "code" member of the error body
    std::string_view message;

    friend bool operator==(const refusal&, const refusal&) = default;
};

namespace refusals {

inline constexpr refusal malformed{400, "invalid_request", "Malformed HTTP request"};
inline constexpr refusal bare_line_feed{400, "invalid_request", "Malformed HTTP request: line without CRLF"};
inline constexpr refusal folded_header{400, "invalid_request", "Malformed HTTP request: folded header line"};
inline constexpr refusal bad_version{400, "invalid_request", "HTTP version not supported"};
inline constexpr refusal bad_host{400, "invalid_request", "Exactly one Host header is required"};
inline constexpr refusal bad_length{400, "invalid_request", "Invalid Content-Length"};
inline constexpr refusal bad_transfer_encoding{400, "invalid_request", "Invalid Transfer-Encoding"};
inline constexpr refusal bad_chunk{400, "invalid_request", "Malformed chunked body"};
inline constexpr refusal slow_header{408, "timeout", "Request header not received in time"};
inline constexpr refusal slow_body{408, "timeout", "Request body not received in time"};
inline constexpr refusal body_too_large{413, "too_large", "Request body too large"};
inline constexpr refusal target_too_long{414, "too_large", "Request target too long"};
inline constexpr refusal unknown_expectation{417, "invalid_request", "Unknown expectation"};
inline constexpr refusal header_too_large{431, "too_large", "Request header too large"};

} // namespace refusals

} // namespace hyperterse::http
