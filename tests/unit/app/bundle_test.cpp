#include "app/bundle.hpp"

#include <gtest/gtest.h>

namespace hyperterse::app {
namespace {

struct loaded {
    std::optional<bundle> made;
    std::string said;
};

loaded load(std::string text) {
    diagnostics found;
    const config::load_options options{.variables = [](std::string_view) { return std::nullopt; }};
    auto made = load_bundle({.file = {}, .text = std::move(text)}, options, found);
    return {std::move(made), to_text(found)};
}

std::string configuration(std::string_view connector, std::string_view options, std::string_view statement) {
    return "name: sample\n"
           "adapters:\n"
           "  db:\n"
           "    connector: " +
        std::string(connector) +
        "\n"
        "    connection_string: ':memory:'\n"
        "    options: {" +
        std::string(options) +
        "}\n"
        "queries:\n"
        "  one:\n"
        "    use: db\n"
        "    description: One\n"
        "    statement: " +
        std::string(statement) + "\n";
}

TEST(bundle, compiles_what_is_right) {
    const auto [made, said] = load(configuration("sqlite", "", "SELECT 1 AS one"));
    ASSERT_TRUE(made) << said;
    EXPECT_EQ(said, "");
    EXPECT_EQ(made->adapters.size(), 1U);
    EXPECT_NE(made->queries->find("one"), nullptr);
}

TEST(bundle, refuses_a_connector_that_is_not_built_at_its_place) {
    const auto [made, said] = load(configuration("redis", "", "GET x"));
    EXPECT_FALSE(made);
    EXPECT_NE(
        said.find(":4:16: error: adapter 'db': connector 'redis' is not in this build yet\n"), said.npos
    ) << said;
}

TEST(bundle, reports_options_and_statements_in_one_pass) {
    const auto [made, said] = load(configuration("sqlite", "jurnal_mode: wal", "SELECT {{ inputs.id }}"));
    EXPECT_FALSE(made);
    EXPECT_NE(said.find(":6:"), said.npos) << said;
    EXPECT_NE(said.find("jurnal_mode"), said.npos) << said;
    EXPECT_NE(said.find(":11:"), said.npos) << said;
    EXPECT_NE(said.find("inputs.id"), said.npos) << said;
}

} // namespace
} // namespace hyperterse::app
