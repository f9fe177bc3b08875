#include "statement/compile.hpp"

#include <gtest/gtest.h>

namespace hyperterse::statement {
namespace {

struct effect_case {
    std::string_view source;
    effect sqlite;
    effect postgres;
};

class apparent_effect : public ::testing::TestWithParam<effect_case> {};

TEST_P(apparent_effect, is_read_only_beyond_doubt) {
    const auto effect_in = [](dialect target) {
        return compile(GetParam().source, target, {}).compiled.value().variants.front().apparent_effect;
    };
    EXPECT_EQ(effect_in(dialect::sqlite), GetParam().sqlite);
    EXPECT_EQ(effect_in(dialect::postgres), GetParam().postgres);
}

constexpr effect read = effect::read;
constexpr effect write = effect::write;
constexpr effect_case cases[] = {
    {"SELECT 1", read, read},
    {"select * from t where a = 'DELETE' and \"update\" = 1 -- insert", read, read},
    {"/* c */ ((SELECT 1) UNION (SELECT 2))", read, read},
    {"VALUES (1), (2)", read, read},
    {"SELECT replace(a, 'x', 'y'), updated, t.update FROM t", read, read},
    {"WITH x AS (SELECT 1) SELECT * FROM x", read, read},
    {"WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT n FROM x", read, read},
    {"WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x", write, write},
    {"WITH x AS MATERIALIZED (UPDATE t SET a = 1 RETURNING a) SELECT * FROM x", write, write},
    {"WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", write, write},
    {"WITH x AS (SELECT 1) MERGE INTO t USING x ON 1 = 1 WHEN MATCHED THEN DO NOTHING", write, write},
    {"WITH x AS (SELECT 1) REPLACE INTO t SELECT * FROM x", write, write},
    {"SELECT a INTO u FROM t", write, write},
    {"SELECT a FROM t FOR UPDATE", write, write},
    {"SELECT a FROM t FOR NO KEY UPDATE SKIP LOCKED", write, write},
    {"SELECT a FROM t FOR SHARE", write, write},
    {"SELECT a FROM t FOR KEY SHARE", write, write},
    {"SELECT share FROM t", read, read},
    {"INSERT INTO t VALUES (1)", write, write},
    {"INSERT INTO t VALUES (1) RETURNING a", write, write},
    {"UPDATE t SET a = 1", write, write},
    {"DELETE FROM t", write, write},
    {"REPLACE INTO t VALUES (1)", write, write},
    {"TRUNCATE t", write, write},
    {"CREATE TABLE t (a)", write, write},
    {"CALL f()", write, write},
    {"VACUUM", write, write},
    {"\"SELECT\" 1", write, write},
    {"TABLE t", write, read},
    {"SHOW server_version", write, read},
    {"EXPLAIN SELECT 1", read, read},
    {"EXPLAIN QUERY PLAN DELETE FROM t", read, read},
    {"EXPLAIN ANALYZE SELECT 1", read, write},
    {"EXPLAIN (FORMAT json, ANALYSE) DELETE FROM t", read, write},
    {"PRAGMA table_info(t)", read, write},
    {"PRAGMA main.Table_Info(t);", read, write},
    {"PRAGMA user_version", read, write},
    {"PRAGMA main.user_version;", read, write},
    {"PRAGMA user_version = 3", write, write},
    {"PRAGMA user_version(3)", write, write},
    {"PRAGMA optimize", write, write},
    {"PRAGMA main.wal_checkpoint", write, write},
    {"PRAGMA", write, write},
    {"PRAGMA main.", write, write},
};
INSTANTIATE_TEST_SUITE_P(statement, apparent_effect, ::testing::ValuesIn(cases));

TEST(apparent_effect, is_that_of_each_variant) {
    const std::vector<input_declaration> inputs{{.name = "lock", .type = value_type::boolean}};
    const compile_result result =
        compile("SELECT a FROM t{{#if inputs.lock}} FOR UPDATE{{/if}}", dialect::postgres, inputs);
    ASSERT_TRUE(result.compiled.has_value());
    EXPECT_EQ(result.compiled->variants[0].apparent_effect, effect::read);
    EXPECT_EQ(result.compiled->variants[1].apparent_effect, effect::write);
}

} // namespace
} // namespace hyperterse::statement
