#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace hyperterse::http {

// Whether a client's X-Request-Id is taken over: 1 to 128 characters of [A-Za-z0-9._-].
bool is_sane_request_id(std::string_view id);

// Makes request ids of 26 characters that sort by time: ULIDs. One per worker.
class request_id_source {
public:
    request_id_source();

    // Replaces `out`. `milliseconds` since 1970.
    void make(std::uint64_t milliseconds, std::string& out);

private:
    std::mt19937_64 random_;
};

// The trace id of a W3C traceparent header; empty when the header is not one.
std::string_view trace_id(std::string_view traceparent);

} // namespace hyperterse::http
