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
    const auto duration = std::chrono::round<std::chrono::microseconds>(steady_clock::now() - ended.started);
    const std::string client = client_of(ended);
    const std::string_view trace = trace_id(ended.asked.find("traceparent"));
    std::vector<log::field> fields{
        {"method", or_dash(ended.asked.verb_name)},
        {"path", or_dash(ended.asked.path)},
        {"status", static_cast<std::int64_t>(ended.status)},
        {"duration_ms", static_cast<double>(duration.count()) / 1000},
        {"rows", static_cast<std::int64_t>(ended.rows)},
        {"bytes", static_cast<std::int64_t>(ended.bytes)},
        {"complete", !ended.abandoned && !ended.cut_off},
        {"request_id", ended.request_id},
        {"client", client},
    };
    if (ended.called != nullptr) {
        fields.emplace_back("query", std::string_view(ended.called->name));
    }
    if (!trace.empty()) {
        fields.emplace_back("trace_id", trace);
    }
    log::write(log::level::info, "access", "request", fields);
}

} // namespace hyperterse::http
