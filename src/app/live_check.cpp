#include "app/live_check.hpp"

#include "app/startup.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace hyperterse::app {

namespace {

using findings_by_query = std::map<std::size_t, query_finding>;

std::string with_detail(const error& why) {
    return why.detail().empty() ? why.message() : why.message() + ": " + why.detail().for_log();
}

task<void>
check_adapter(const bundle& checked, std::size_t index, findings_by_query& contracts, diagnostics& found) {
    const config::adapter_config& written = checked.model.adapters[index];
    const adapter_plan& plan = checked.adapters[index];
    const auto database = plan.backend->make(plan.options);
    const call_context connecting{.until = deadline::in(written.connect_timeout), .stop = {}};
    const auto failed = co_await database->start(connecting);
    if (failed) {
        found.error(
            written.connection_string.where,
            fmt::format("adapter '{}': {}", written.name.value, with_detail(failed->why))
        );
        co_return;
    }
    const call_context describing{.until = deadline::in(describe_patience), .stop = {}};
    auto findings = co_await describe_queries(
        *database, queries_of(index, *checked.queries), *checked.queries, describing
    );
    if (findings) {
        for (query_finding& finding : *findings) {
            contracts.emplace(finding.query, std::move(finding));
        }
    } else {
        found.error(
            written.connection_string.where,
            fmt::format("adapter '{}': {}", written.name.value, with_detail(findings.error()))
        );
    }
    const deadline closing = deadline::in(close_patience);
    co_await database->stop(closing);
}

void report(const gateway::query& query, const query_finding& finding, diagnostics& found) {
    if (!finding.problem.empty()) {
        found.error(query.where, fmt::format("query '{}': {}", query.name, finding.problem));
    }
    for (const std::string& warning : finding.warnings) {
        found.warning(query.where, fmt::format("query '{}': {}", query.name, warning));
    }
}

} // namespace

std::vector<query_contract> live_check(const bundle& checked, diagnostics& found) {
    asio::io_context context{1};
    findings_by_query findings;
    for (std::size_t index = 0; index < checked.adapters.size(); ++index) {
        asio::co_spawn(context, check_adapter(checked, index, findings, found), rethrow);
    }
    context.run();

    std::vector<query_contract> contracts;
    for (auto& [index, finding] : findings) {
        const gateway::query& query = checked.queries->queries()[index];
        report(query, finding, found);
        if (finding.problem.empty()) {
            contracts.push_back({.query = &query, .contract = std::move(finding.contract)});
        }
    }
    return contracts;
}

} // namespace hyperterse::app
