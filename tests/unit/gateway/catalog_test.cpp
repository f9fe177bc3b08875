#include "gateway/catalog.hpp"

#include "sample_model.hpp"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperterse::gateway {
namespace {

using statement::dialect;
using testing::at;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::sample_input;
using testing::sample_model;
using testing::sample_query;

constexpr std::array both_sqlite{dialect::sqlite, dialect::sqlite};

std::unique_ptr<const catalog> compiled(const config::model& model) {
    diagnostics found;
    auto made = compile(model, both_sqlite, found);
    EXPECT_FALSE(found.has_errors()) << to_text(found);
    return made;
}

// What is reported about `model`; nothing is compiled when there is an error.
std::string reported(const config::model& model, std::span<const dialect> dialects = both_sqlite) {
    diagnostics found;
    const auto made = compile(model, dialects, found);
    EXPECT_EQ(made == nullptr, found.has_errors());
    return to_text(found);
}

TEST(catalog, finds_queries_by_name_and_keeps_file_order) {
    config::model model = sample_model(sample_query("zeta", "SELECT 1"));
    model.queries.push_back(sample_query("alpha", "SELECT 2"));
    const auto made = compiled(model);
    ASSERT_EQ(made->queries().size(), 2U);
    EXPECT_EQ(made->queries()[0].name, "zeta");
    EXPECT_EQ(made->queries()[1].index, 1U);
    EXPECT_EQ(made->find("alpha"), &made->queries()[1]);
    EXPECT_EQ(made->find("Alpha"), nullptr);
    EXPECT_EQ(made->find(""), nullptr);
}

TEST(compile, binds_inputs_and_takes_limits_from_the_server) {
    config::query_config query =
        sample_query("get-user", "SELECT * FROM users WHERE id = {{ inputs.user-id }}");
    query.inputs = {sample_input("user-id", value_type::integer)};
    query.use.push_back(at(11, std::string("replica")));
    config::model model = sample_model(query);
    model.server.query_timeout = std::chrono::milliseconds(1'234);
    model.server.query_max_rows = 56;
    const auto made = compiled(model);
    const auto& get_user = made->queries().front();
    EXPECT_THAT(get_user.adapters, ElementsAre(0U, 1U));
    EXPECT_EQ(get_user.timeout, std::chrono::milliseconds(1'234));
    EXPECT_EQ(get_user.max_rows, 56U);
    EXPECT_TRUE(get_user.read_only());
    ASSERT_EQ(get_user.statements.variants.size(), 1U);
    EXPECT_THAT(
        std::string(get_user.statements.variants.front().text.view()),
        ::testing::StartsWith("SELECT * FROM users WHERE id = ?")
    );
    ASSERT_EQ(get_user.statements.variants.front().parameters.size(), 1U);
    EXPECT_EQ(get_user.statements.variants.front().parameters.front().input, 0U);
}

TEST(compile, prefers_the_limits_of_the_query) {
    config::query_config query = sample_query("q", "SELECT 1");
    query.timeout = std::chrono::milliseconds(5);
    query.max_rows = 7;
    const auto made = compiled(sample_model(query));
    EXPECT_EQ(made->queries().front().timeout, std::chrono::milliseconds(5));
    EXPECT_EQ(made->queries().front().max_rows, 7U);
}

TEST(compile, derives_the_effect_from_the_words_of_the_statement) {
    EXPECT_TRUE(compiled(sample_model(sample_query("q", "SELECT 1")))->queries().front().read_only());
    EXPECT_FALSE(compiled(sample_model(sample_query("q", "DELETE FROM t")))->queries().front().read_only());
}

TEST(compile, lets_a_select_be_declared_a_write_but_no_write_a_read) {
    config::query_config query = sample_query("q", "SELECT bump()");
    query.effect = at(15, config::declared_effect::write);
    EXPECT_FALSE(compiled(sample_model(query))->queries().front().read_only());
    query = sample_query("q", "DELETE FROM t");
    query.effect = at(15, config::declared_effect::read);
    EXPECT_EQ(
        reported(sample_model(query)),
        "c.terse:15:1: error: query 'q': 'effect' says read, but the statement writes\n"
        "  hint: leave 'effect' out, or say write\n"
    );
}

TEST(compile, warns_of_an_input_that_is_never_used) {
    config::query_config query = sample_query("get-user", "SELECT 1");
    query.inputs = {sample_input("limit", value_type::integer)};
    EXPECT_EQ(
        reported(sample_model(query)),
        "c.terse:20:1: warning: query 'get-user': input 'limit' is never used\n"
    );
}

TEST(compile, reports_a_placeholder_without_input_at_its_place) {
    const std::string text = reported(sample_model(sample_query("q", "SELECT {{ inputs.nope }}")));
    EXPECT_THAT(text, ::testing::StartsWith("c.terse:12:5: error: query 'q': "));
    EXPECT_THAT(text, HasSubstr("nope"));
}

TEST(compile, reports_the_mistakes_of_all_queries_in_one_pass) {
    config::query_config broken = sample_query("broken", "SELECT {{ inputs.limit }}");
    broken.inputs = {sample_input("limit", value_type::integer)};
    broken.inputs.front().optional = true;
    config::model model = sample_model(broken);
    model.queries.push_back(sample_query("also", "SELECT {{ inputs.gone }}"));
    const std::string text = reported(model);
    EXPECT_THAT(text, HasSubstr("query 'broken': input 'limit': an optional input needs a 'default'"));
    EXPECT_THAT(text, HasSubstr("query 'also': "));
}

TEST(compile, compiles_a_statement_for_every_choice) {
    config::query_config query = sample_query("q", "SELECT * FROM t ORDER BY {{ inputs.sort }}");
    query.inputs = {sample_input("sort", value_type::choice)};
    query.inputs.front().choices = {
        {at(22, std::string("newest")), at(22, std::string("created_at DESC"))},
        {at(23, std::string("name")), at(23, std::string("name ASC"))}
    };
    const auto made = compiled(sample_model(query));
    EXPECT_EQ(made->queries().front().statements.variants.size(), 2U);
}

TEST(compile, wants_replicas_of_the_same_kind) {
    config::query_config query = sample_query("q", "SELECT 1");
    query.use.push_back(at(13, std::string("replica")));
    constexpr std::array mixed{dialect::sqlite, dialect::postgres};
    EXPECT_EQ(
        reported(sample_model(query), mixed),
        "c.terse:13:1: error: query 'q': adapter 'replica' is another kind of database than the primary "
        "'db'\n"
    );
}

TEST(compile, keeps_what_is_declared_of_columns) {
    config::query_config query = sample_query("q", "SELECT mail, ssn FROM t");
    config::data_config mail{};
    mail.name = at(30, std::string("mail"));
    mail.type = at(30, value_type::string);
    mail.map_to = "email";
    config::data_config ssn{};
    ssn.name = at(31, std::string("ssn"));
    ssn.type = at(31, value_type::string);
    ssn.redact = true;
    query.data = {mail, ssn};
    const auto made = compiled(sample_model(query));
    const auto& outputs = made->queries().front().outputs;
    ASSERT_EQ(outputs.size(), 2U);
    EXPECT_EQ(outputs[0].shown_as, "email");
    EXPECT_EQ(outputs[1].shown_as, "ssn");
    EXPECT_TRUE(outputs[1].redact);

    query.data[1].map_to = "email";
    EXPECT_EQ(
        reported(sample_model(query)),
        "c.terse:31:1: error: query 'q': columns 'mail' and 'ssn' are both shown as 'email'\n"
    );
}

TEST(compile, compiles_nothing_when_the_configuration_had_errors_before) {
    diagnostics found;
    found.error({"c.terse", 1, 1}, "bad port");
    EXPECT_EQ(compile(sample_model(sample_query("q", "SELECT 1")), both_sqlite, found), nullptr);
}

} // namespace
} // namespace hyperterse::gateway
