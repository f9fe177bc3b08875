#include "app/startup.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace hyperterse::app {

namespace {

void compare_with_contract(const gateway::query& query, query_finding& finding) {
    if (query.read_only() && !finding.contract.read_only) {
        finding.problem = "the database says that the statement writes; declare effect: write";
        return;
    }
    for (const gateway::output& declared : query.outputs) {
        const auto found =
            std::ranges::find(finding.contract.columns, declared.name, &adapter::contract::output::name);
        if (found == finding.contract.columns.end()) {
            finding.warnings.push_back(
                fmt::format("data '{}' is not a column that the statement returns", declared.name)
            );
        }
    }
}

task<result<query_finding>>
describe_query(adapter::adapter& database, const gateway::query& query, call_context context) {
    query_finding finding{.query = query.index, .problem = {}, .contract = {}, .warnings = {}};
    bool first = true;
    for (const statement::statement& variant : query.statements.variants) {
        auto described = co_await database.describe(variant, context);
        if (!described && described.error().code() != errc::internal) {
            co_return described.error();
        }
        if (!described) {
            finding.problem = "the database rejects the statement: " + described.error().detail().for_log();
            co_return finding;
        }
        if (std::exchange(first, false)) {
            finding.contract = std::move(*described);
        }
    }
    compare_with_contract(query, finding);
    co_return finding;
}

} // namespace

task<result<std::vector<query_finding>>> describe_queries(
    adapter::adapter& database,
    std::size_t adapter_index,
    const gateway::catalog& queries,
    call_context context
) {
    std::vector<query_finding> findings;
    for (const gateway::query& query : queries.queries()) {
        if (query.adapters.front() != adapter_index) {
            continue;
        }
        auto finding = co_await describe_query(database, query, context);
        if (!finding) {
            co_return finding.error();
        }
        findings.push_back(std::move(*finding));
    }
    co_return findings;
}

std::string message_of(const query_finding& finding, const gateway::catalog& queries) {
    const gateway::query& query = queries.queries()[finding.query];
    return fmt::format(
        "{}:{}:{}: query '{}': {}",
        query.where.file,
        query.where.line,
        query.where.column,
        query.name,
        finding.problem
    );
}

} // namespace hyperterse::app
