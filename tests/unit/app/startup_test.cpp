#include "app/startup.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace hyperterse::app {
namespace {

task<void> describe(const bundle& described, std::vector<query_finding>& findings) {
    const adapter_plan& plan = described.adapters.front();
    const auto database = plan.backend->make(plan.options);
    const call_context context{.until = deadline::in(describe_patience), .stop = {}};
    const auto failed = co_await database->start(context);
    EXPECT_FALSE(failed);
    auto found =
        co_await describe_queries(*database, queries_of(0, *described.queries), *described.queries, context);
    EXPECT_TRUE(found);
    if (found) {
        findings = *std::move(found);
    }
    const deadline closing = deadline::in(close_patience);
    co_await database->stop(closing);
}

// What a database in memory says of a query with this statement and this `data`.
query_finding finding_of(std::string_view statement, std::string_view data) {
    std::string text =
        "name: sample\n"
        "adapters: { db: { connector: sqlite, connection_string: ':memory:' } }\n"
        "queries:\n"
        "  one:\n"
        "    use: db\n"
        "    description: One\n"
        "    inputs:\n"
        "      shown: { type: choice, choices: { plain: ssn, renamed: ssn AS other }, optional: true, "
        "default: plain }\n";
    text.append("    statement: ").append(statement).append("\n    data: ").append(data).append("\n");
    diagnostics problems;
    const config::load_options options{.variables = [](std::string_view) { return std::nullopt; }};
    const auto made = load_bundle({.file = {}, .text = std::move(text)}, options, problems);
    std::vector<query_finding> findings(1);
    EXPECT_TRUE(made) << to_text(problems);
    if (made) {
        asio::io_context context(1);
        asio::co_spawn(context, describe(*made, findings), rethrow);
        context.run();
    }
    return std::move(findings.front());
}

TEST(startup, finds_nothing_wrong_with_a_statement_that_keeps_its_promises) {
    const auto found = finding_of("SELECT 1 AS SSN", "{ssn: {type: int, redact: true}}");
    EXPECT_EQ(found.problem, "");
    EXPECT_TRUE(found.warnings.empty());
    ASSERT_EQ(found.contract.columns.size(), 1U);
    EXPECT_EQ(found.contract.columns.front().name, "SSN");
}

TEST(startup, quarantines_what_the_database_rejects) {
    const auto found = finding_of("SELECT missing FROM nowhere", "{}");
    EXPECT_NE(found.problem.find("no such table"), std::string::npos) << found.problem;
}

TEST(startup, warns_of_declared_columns_that_are_not_there) {
    const auto found = finding_of("SELECT 1 AS one", "{two: {type: int}}");
    EXPECT_EQ(found.problem, "");
    ASSERT_EQ(found.warnings.size(), 1U);
    EXPECT_EQ(found.warnings.front(), "data 'two' is not a column that the statement returns");
}

TEST(startup, quarantines_a_query_of_which_any_variant_lacks_a_redacted_column) {
    const auto found =
        finding_of("SELECT {{ inputs.shown }} FROM (SELECT 1 AS ssn)", "{ssn: {type: string, redact: true}}");
    EXPECT_EQ(found.problem, "data 'ssn' is to be redacted, but the statement returns no such column");
}

} // namespace
} // namespace hyperterse::app
