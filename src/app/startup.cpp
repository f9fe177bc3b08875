#include "app/startup.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace hyperterse::app {

namespace {

bool returns(const adapter::contract& contract, const std::string& name) {
    return std::ranges::any_of(contract.columns, [&](const adapter::contract::output& column) {
        return equals_ignoring_case(column.name, name);
    });
}

// Why the query must not serve a statement with this contract; empty when it may.
std::string refusal_of(const gateway::query& query, const adapter::contract& contract) {
    if (query.read_only() && !contract.read_only) {
        return "the database says that the statement writes; declare effect: write";
    }
    for (const gateway::output& declared : query.outputs) {
        if (declared.redact && !returns(contract, declared.name)) {
            return fmt::format(
                "data '{}' is to be redacted, but the statement returns no such column", declared.name
            );
        }
    }
    return {};
}

std::vector<std::string> warnings_of(const gateway::query& query, const adapter::contract& contract) {
    std::vector<std::string> warnings;
    for (const gateway::output& declared : query.outputs) {
        if (!returns(contract, declared.name)) {
            warnings.push_back(
                fmt::format("data '{}' is not a column that the statement returns", declared.name)
            );
        }
    }
    return warnings;
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
        finding.problem = described
            ? refusal_of(query, *described)
            : "the database rejects the statement: " + described.error().detail().for_log();
        if (!finding.problem.empty()) {
            co_return finding;
        }
        if (std::exchange(first, false)) {
            finding.warnings = warnings_of(query, *described);
            finding.contract = *std::move(described);
        }
    }
    co_return finding;
}

} // namespace

std::vector<std::size_t> queries_of(std::size_t adapter_index, const gateway::catalog& queries) {
    std::vector<std::size_t> found;
    for (const gateway::query& query : queries.queries()) {
        if (query.adapters.front() == adapter_index) {
            found.push_back(query.index);
        }
    }
    return found;
}

task<result<std::vector<query_finding>>> describe_queries(
    adapter::adapter& database,
    std::vector<std::size_t> described,
    const gateway::catalog& queries,
    call_context context
) {
    std::vector<query_finding> findings;
    for (const std::size_t index : described) {
        auto finding = co_await describe_query(database, queries.queries()[index], context);
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
