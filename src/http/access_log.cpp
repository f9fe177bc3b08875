#include "http/access_log.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "http/forwarded.hpp"
#include "http/request_id.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::http {

namespace {

std::string_view or_dash(std::string_view text) {
    return text.empty() ? "-" : text;
}

std::string client_of(const exchange& ended) {
    const auto& trusted = ended.home.serving()->trusted_proxies;
    if (trusted.empty()) {
        return ended.peer.address();
    }
    std::vector<std::string_view> forwarded_for;
    for (const auto& [name, value] : ended.asked.headers) {
        if (equals_ignoring_case(name, "x-forwarded-for")) {
            forwarded_for.push_back(value);
        }
    }
    return client_address(ended.peer.address(), forwarded_for, trusted);
}

} // namespace

void log_access(const exchange& ended) {
    if (!log::enabled(log::level::info)) {
        return;
    }
    const std::chrono::duration<double, std::milli> duration = steady_clock::now() - ended.started;
    log::info(
        "access",
        "request",
        {{"method", or_dash(ended.asked.verb_name)},
         {"path", or_dash(ended.asked.path)},
         {"status", static_cast<std::int64_t>(ended.status)},
         {"duration_ms", duration.count()},
         {"rows", static_cast<std::int64_t>(ended.rows)},
         {"complete", !ended.abandoned && !ended.cut_off},
         {"bytes", static_cast<std::int64_t>(ended.bytes)},
         {"request_id", ended.request_id},
         {"query", ended.called == nullptr ? "-" : std::string_view(ended.called->name)},
         {"client", client_of(ended)},
         {"trace_id", or_dash(trace_id(ended.asked.find("traceparent")))}}
    );
}

} // namespace hyperterse::http
