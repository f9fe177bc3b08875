#include "http/probes.hpp"

#include "base/json_text.hpp"
#include "gateway/gateway.hpp"
#include "http/answer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::http {

namespace {

struct readiness_report {
    bool ready = true;
    bool draining = false;
    std::vector<adapter::adapter_status> adapters;
    std::vector<gateway::query_state> queries;
};

readiness_report examine(const gateway::gateway& through) {
    readiness_report report;
    report.draining = through.state.draining();
    for (const auto& each : through.adapters) {
        report.adapters.push_back(each->status());
    }
    for (const gateway::query& each : through.queries.queries()) {
        report.queries.push_back(through.state.state(each.index));
    }
    // A quarantined query is one query's fault, no reason to send every client elsewhere.
    report.ready = !report.draining &&
        std::ranges::all_of(report.adapters, &adapter::adapter_status::available) &&
        std::ranges::find(report.queries, gateway::query_state::pending) == report.queries.end();
    return report;
}

std::string_view name(gateway::query_state state) {
    switch (state) {
    case gateway::query_state::pending:
        return "pending";
    case gateway::query_state::ready:
        return "ready";
    case gateway::query_state::quarantined:
        return "quarantined";
    }
    return "";
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
    append_json_string(out, key);
    out += ':';
    append_json_string(out, text);
}

void append_member(std::string& out, std::string_view key, std::size_t number) {
    append_json_string(out, key);
    out += ':';
    append_json_number(out, static_cast<std::int64_t>(number));
}

void append_adapter(std::string& out, std::string_view name, const adapter::adapter_status& status) {
    out += '{';
    append_member(out, "name", name);
    out += status.available ? R"(,"available":true,)" : R"(,"available":false,)";
    append_member(out, "reason", status.reason);
    out += ',';
    append_member(out, "connections_in_use", status.connections_in_use);
    out += ',';
    append_member(out, "connections_idle", status.connections_idle);
    out += ',';
    append_member(out, "waiting", status.waiting);
    out += R"(,"counters":{)";
    for (const adapter::counter& each : status.counters) {
        out += &each == status.counters.data() ? "" : ",";
        append_member(out, each.name, each.value);
    }
    out += "}}";
}

void append_details(std::string& out, const gateway::gateway& through, const readiness_report& report) {
    out += report.draining ? R"(,"draining":true,"adapters":[)" : R"(,"draining":false,"adapters":[)";
    for (std::size_t index = 0; index < report.adapters.size(); ++index) {
        out += index > 0 ? "," : "";
        append_adapter(out, through.adapters[index]->name(), report.adapters[index]);
    }
    out += R"(],"queries":[)";
    for (std::size_t index = 0; index < report.queries.size(); ++index) {
        out += index > 0 ? ",{" : "{";
        append_member(out, "name", through.queries.queries()[index].name);
        out += ',';
        append_member(out, "state", name(report.queries[index]));
        out += ',';
        append_member(out, "reason", through.state.reason(index));
        out += '}';
    }
    out += ']';
}

} // namespace

task<void> heartbeat(exchange& serving) {
    return send(serving, 200, "application/json", "{\"success\":true}\n");
}

task<void> liveness(exchange& serving) {
    return send(serving, 200, "application/json", "{\"status\":\"alive\"}\n");
}

task<void> readiness(exchange& serving) {
    const gateway::gateway& through = serving.home.serving()->through;
    const readiness_report report = examine(through);
    serving.content = report.ready ? R"({"status":"ready")" : R"({"status":"not_ready")";
    if (serving.role == listener_role::admin) {
        append_details(serving.content, through, report);
    }
    serving.content += "}\n";
    append_field(serving.fields, "Cache-Control", "no-store");
    const unsigned status = report.ready ? 200 : 503;
    co_await send(serving, status, "application/json", serving.content);
}

} // namespace hyperterse::http
