#include "app/backends.hpp"

#include <gmock/gmock.h>

namespace hyperterse::app {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;

config::query_config
query_on(std::vector<std::string> adapters, std::optional<config::milliseconds> timeout = {}) {
    config::query_config query;
    for (std::string& name : adapters) {
        query.use.push_back({.value = std::move(name), .where = {}});
    }
    query.timeout = timeout;
    return query;
}

config::located<std::string> written(std::string text, std::size_t line) {
    return {.value = std::move(text), .where = {"app.terse", line, 1}};
}

TEST(backends, are_found_by_their_connector) {
    const adapter::backend* found = find_backend(config::connector_kind::sqlite);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->connector, "sqlite");
    EXPECT_THAT(connector_names(), Contains("sqlite"));
    EXPECT_EQ(find_backend(config::connector_kind::mongodb), nullptr);
}

TEST(backends, get_the_longest_time_out_of_the_queries_of_their_adapter) {
    config::model whole;
    whole.server.query_timeout = 30s;
    config::adapter_config db;
    db.name.value = "db";
    EXPECT_EQ(options_of(db, whole).longest_call, 30s);
    whole.queries.push_back(query_on({"other"}, 5min));
    EXPECT_EQ(options_of(db, whole).longest_call, 30s);
    whole.queries.push_back(query_on({"db"}, 2s));
    EXPECT_EQ(options_of(db, whole).longest_call, 2s);
    whole.queries.push_back(query_on({"db"}));
    EXPECT_EQ(options_of(db, whole).longest_call, 30s);
    whole.queries.push_back(query_on({"other", "db"}, 1min));
    EXPECT_EQ(options_of(db, whole).longest_call, 1min);
}

TEST(backends, get_the_options_that_are_written_with_their_places) {
    config::adapter_config db;
    db.ssl_key = written("client.key", 4);
    db.ssl_key->secret = true;
    db.ssl_mode = written("verify-full", 3);
    db.statement_timeout = {.value = 5s, .where = {}};
    db.driver_options.push_back({.name = written("pipeline", 5), .text = written("off", 5)});
    const adapter::adapter_options options = options_of(db, {});
    EXPECT_EQ(options.statement_timeout, 5s);
    ASSERT_EQ(options.tls.size(), 2U);
    EXPECT_EQ(options.tls[0].name, "ssl_mode");
    EXPECT_EQ(options.tls[0].text, "verify-full");
    EXPECT_EQ(options.tls[0].where.line, 3U);
    EXPECT_FALSE(options.tls[0].secret);
    EXPECT_EQ(options.tls[1].name, "ssl_key");
    EXPECT_TRUE(options.tls[1].secret);
    EXPECT_THAT(options.driver, ElementsAre(Field(&adapter::driver_option::name, "pipeline")));
    EXPECT_TRUE(options_of({}, {}).tls.empty());
}

} // namespace
} // namespace hyperterse::app
