#include "support.hpp"

#include <gtest/gtest.h>

namespace hyperterse::statement {
namespace {

using testing::compiled;

struct both_case {
    std::string_view source;
    std::string_view sqlite;
    std::string_view postgres;
};

class value_in_both_dialects : public ::testing::TestWithParam<both_case> {};

TEST_P(value_in_both_dialects, becomes_a_parameter) {
    const both_case& row = GetParam();
    EXPECT_EQ(compiled(row.source, dialect::sqlite), row.sqlite);
    EXPECT_EQ(compiled(row.source, dialect::postgres), row.postgres);
}

constexpr both_case both_cases[] = {
    {"SELECT 1", "SELECT 1", "SELECT 1"},
    {"SELECT * FROM t WHERE id = {{ inputs.id }}",
     "SELECT * FROM t WHERE id = ?1 | id",
     "SELECT * FROM t WHERE id = $1 | id"},
    {"SELECT * FROM t WHERE email = '{{ inputs.email }}'",
     "SELECT * FROM t WHERE email = ?1 | email",
     "SELECT * FROM t WHERE email = $1 | email"},
    {"SELECT {{inputs.id}}", "SELECT ?1 | id", "SELECT $1 | id"},
    {"SELECT {{\r\n\tinputs.id\n}}", "SELECT ?1 | id", "SELECT $1 | id"},
    {"SELECT {{ inputs.user-id }}", "SELECT ?1 | user-id", "SELECT $1 | user-id"},
    {"SELECT 1 FROM t WHERE a LIKE '%{{ inputs.q }}%'",
     "SELECT 1 FROM t WHERE a LIKE ('%' || ?1 || '%') | q",
     "SELECT 1 FROM t WHERE a LIKE ('%' || $1::text || '%') | q"},
    {"SELECT 'it''s {{ inputs.q }} and {{ inputs.n }}'",
     "SELECT ('it''s ' || ?1 || ' and ' || ?2) | q, n",
     "SELECT ('it''s ' || $1::text || ' and ' || $2::text) | q, n"},
    {"SELECT '{{ inputs.q }}{{ inputs.n }}'",
     "SELECT (?1 || ?2) | q, n",
     "SELECT ($1::text || $2::text) | q, n"},
    {"SELECT '''{{ inputs.q }}'''", "SELECT ('''' || ?1 || '''') | q", "SELECT ('''' || $1::text || '''') | q"
    },
    {"SELECT '{{{ inputs.q }}}'", "SELECT ('{' || ?1 || '}') | q", "SELECT ('{' || $1::text || '}') | q"},
    {"SELECT {{ inputs.id }}, {{ inputs.q }}, {{ inputs.id }}",
     "SELECT ?1, ?2, ?1 | id, q",
     "SELECT $1, $2, $1 | id, q"},
    {"SELECT {{ inputs.q }}, '%{{ inputs.q }}'",
     "SELECT ?1, ('%' || ?1) | q",
     "SELECT $1, ('%' || $2::text) | q, q"},
    {"SELECT * FROM t LIMIT {{ inputs.n }} OFFSET {{ inputs.id }};",
     "SELECT * FROM t LIMIT ?1 OFFSET ?2 | n, id",
     "SELECT * FROM t LIMIT $1 OFFSET $2 | n, id"},
    {"  SELECT 1 ;\n -- done\n", "SELECT 1 \n -- done", "SELECT 1 \n -- done"},
    {"SELECT '{{1,2},{3,4}}', '{{else}}', '{{x}}', '{{'",
     "SELECT '{{1,2},{3,4}}', '{{else}}', '{{x}}', '{{'",
     "SELECT '{{1,2},{3,4}}', '{{else}}', '{{x}}', '{{'"},
    {"SELECT 'größe', {{ inputs.id }} AS größe",
     "SELECT 'größe', ?1 AS größe | id",
     "SELECT 'größe', $1 AS größe | id"},
    {"INSERT INTO t (a, b) VALUES ({{ inputs.id }}, '{{ inputs.q }}')",
     "INSERT INTO t (a, b) VALUES (?1, ?2) | id, q",
     "INSERT INTO t (a, b) VALUES ($1, $2) | id, q"},
    {"UPDATE t SET a = {{ inputs.q }}, b={{ inputs.n }} WHERE id={{ inputs.id }}",
     "UPDATE t SET a = ?1, b=?2 WHERE id=?3 | q, n, id",
     "UPDATE t SET a = $1, b=$2 WHERE id=$3 | q, n, id"},
    {"SELECT a FROM t WHERE a IN ({{ inputs.ids }})",
     "SELECT a FROM t WHERE a IN (SELECT value FROM json_each(?1)) | ids[]",
     "SELECT a FROM t WHERE a = ANY($1) | ids[]"},
    {"SELECT a FROM t WHERE a not  in( {{ inputs.ids }} ) AND b = 1",
     "SELECT a FROM t WHERE a not  in( SELECT value FROM json_each(?1) ) AND b = 1 | ids[]",
     "SELECT a FROM t WHERE a <> ALL($1 ) AND b = 1 | ids[]"},
    {"SELECT a FROM t WHERE a IN ({{ inputs.id }}, '{{ inputs.n }}')",
     "SELECT a FROM t WHERE a IN (?1, ?2) | id, n",
     "SELECT a FROM t WHERE a IN ($1, $2) | id, n"},
    {"SELECT value FROM json_each({{ inputs.ids }})",
     "SELECT value FROM json_each(?1) | ids[]",
     "SELECT value FROM json_each($1) | ids[]"},
    // Places that look like those of names.
    {"SELECT a FROM t WHERE a IS DISTINCT FROM {{ inputs.q }}",
     "SELECT a FROM t WHERE a IS DISTINCT FROM ?1 | q",
     "SELECT a FROM t WHERE a IS DISTINCT FROM $1 | q"},
    {"SELECT a FROM t WHERE a IS NOT DISTINCT FROM {{ inputs.q }}",
     "SELECT a FROM t WHERE a IS NOT DISTINCT FROM ?1 | q",
     "SELECT a FROM t WHERE a IS NOT DISTINCT FROM $1 | q"},
    {"SELECT a FROM t ORDER BY CASE WHEN a = {{ inputs.q }} THEN {{ inputs.n }} ELSE {{ inputs.id }} END",
     "SELECT a FROM t ORDER BY CASE WHEN a = ?1 THEN ?2 ELSE ?3 END | q, n, id",
     "SELECT a FROM t ORDER BY CASE WHEN a = $1 THEN $2 ELSE $3 END | q, n, id"},
    {"SELECT a FROM t ORDER BY a <-> {{ inputs.q }}, {{ inputs.n }} - b, f({{ inputs.id }}, a) DESC LIMIT 3",
     "SELECT a FROM t ORDER BY a <-> ?1, ?2 - b, f(?3, a) DESC LIMIT 3 | q, n, id",
     "SELECT a FROM t ORDER BY a <-> $1, $2 - b, f($3, a) DESC LIMIT 3 | q, n, id"},
    {"SELECT a FROM f({{ inputs.id }}, {{ inputs.n }}), g WHERE b = {{ inputs.q }} GROUP BY a HAVING max(b) "
     "> {{ "
     "inputs.n }}",
     "SELECT a FROM f(?1, ?2), g WHERE b = ?3 GROUP BY a HAVING max(b) > ?2 | id, n, q",
     "SELECT a FROM f($1, $2), g WHERE b = $3 GROUP BY a HAVING max(b) > $2 | id, n, q"},
    {"SELECT a FROM t JOIN u ON t.x = {{ inputs.id }} AND u.y = '{{ inputs.q }}' WHERE {{ inputs.n }} < 3",
     "SELECT a FROM t JOIN u ON t.x = ?1 AND u.y = ?2 WHERE ?3 < 3 | id, q, n",
     "SELECT a FROM t JOIN u ON t.x = $1 AND u.y = $2 WHERE $3 < 3 | id, q, n"},
    {"SELECT a FROM (SELECT b FROM t WHERE c = {{ inputs.q }}) x WHERE a BETWEEN {{ inputs.n }} AND {{ "
     "inputs.id }}",
     "SELECT a FROM (SELECT b FROM t WHERE c = ?1) x WHERE a BETWEEN ?2 AND ?3 | q, n, id",
     "SELECT a FROM (SELECT b FROM t WHERE c = $1) x WHERE a BETWEEN $2 AND $3 | q, n, id"},
    {"SELECT \"a\"\"b\", 'x''y' FROM t WHERE a={{ inputs.id }}--c\nAND/*c*/b={{ inputs.q }}",
     "SELECT \"a\"\"b\", 'x''y' FROM t WHERE a=?1--c\nAND/*c*/b=?2 | id, q",
     "SELECT \"a\"\"b\", 'x''y' FROM t WHERE a=$1--c\nAND/*c*/b=$2 | id, q"},
    {"SELECT a\r\nFROM t\r\nWHERE b = {{ inputs.id }} -- end\r\n  AND c = {{ inputs.q }}\r\n",
     "SELECT a\r\nFROM t\r\nWHERE b = ?1 -- end\r\n  AND c = ?2 | id, q",
     "SELECT a\r\nFROM t\r\nWHERE b = $1 -- end\r\n  AND c = $2 | id, q"},
    // A parameter never merges with what stands beside a literal.
    {"SELECT '{{ inputs.id }}'5", "SELECT ?1 5 | id", "SELECT $1 5 | id"},
    {"SELECT a AND'{{ inputs.id }}'OR 1", "SELECT a AND?1 OR 1 | id", "SELECT a AND $1 OR 1 | id"},
    {"SELECT lower('{{ inputs.q }}') LIKE'{{ inputs.q }}%'ESCAPE'x'",
     "SELECT lower(?1) LIKE(?1 || '%')ESCAPE'x' | q",
     "SELECT lower($1) LIKE($2::text || '%')ESCAPE'x' | q, q"},
};
INSTANTIATE_TEST_SUITE_P(compile, value_in_both_dialects, ::testing::ValuesIn(both_cases));

struct one_case {
    std::string_view source;
    std::string_view text;
};

class value_in_postgres : public ::testing::TestWithParam<one_case> {};

TEST_P(value_in_postgres, becomes_a_parameter) {
    EXPECT_EQ(compiled(GetParam().source, dialect::postgres), GetParam().text);
}

constexpr one_case postgres_cases[] = {
    {"SELECT {{ inputs.id }}::bigint, {{ inputs.id }}::bigint, {{ inputs.id }}::text, {{ inputs.id }}",
     "SELECT $1::bigint, $1::bigint, $2::text, $3 | id, id, id"},
    {"SELECT CAST({{ inputs.id }} AS bigint), cast('{{ inputs.id }}' as BIGINT), {{ inputs.id }}",
     "SELECT CAST($1 AS bigint), cast($1 as BIGINT), $2 | id, id"},
    {"SELECT '{{ inputs.id }}'::pg_catalog.int4[]", "SELECT $1::pg_catalog.int4[] | id"},
    {"SELECT '{{ inputs.n }} days'::interval", "SELECT ($1::text || ' days')::interval | n"},
    {"SELECT DATE '{{ inputs.d }}'", "SELECT CAST($1 AS DATE) | d"},
    {"SELECT DATE {{ inputs.d }}, date'{{ inputs.d }}'", "SELECT CAST($1 AS DATE), CAST($1 AS date) | d"},
    {"SELECT now() - INTERVAL '{{ inputs.n }} days' AS x",
     "SELECT now() - CAST(($1::text || ' days') AS INTERVAL) AS x | n"},
    {"SELECT TIMESTAMP(3) WITH TIME ZONE '{{ inputs.d }}'",
     "SELECT CAST($1 AS TIMESTAMP(3) WITH TIME ZONE) | d"},
    {"SELECT timestamp -- c\n '{{ inputs.d }} 00:00'", "SELECT CAST(($1::text || ' 00:00') AS timestamp) | d"
    },
    {"SELECT a AT TIME ZONE {{ inputs.q }}, a AT TIME ZONE '{{ inputs.q }}/x'",
     "SELECT a AT TIME ZONE $1, a AT TIME ZONE ($2::text || '/x') | q, q"},
    {"SELECT INTERVAL '1 day' * {{ inputs.n }}", "SELECT INTERVAL '1 day' * $1 | n"},
    {"SELECT E'a\\'b{{ inputs.q }}\\\\'", "SELECT (E'a\\'b' || $1::text || E'\\\\') | q"},
    {"SELECT e'{{ inputs.q }}'", "SELECT $1 | q"},
    {"SELECT E'\\\\{{ inputs.q }}'", "SELECT (E'\\\\' || $1::text) | q"},
    {"SELECT 'a\\', {{ inputs.id }}, '\\'", "SELECT 'a\\', $1, '\\' | id"},
    {"SELECT 'a'\n'b {{ inputs.q }} c' -- d\n 'e'", "SELECT ('a'\n'b ' || $1::text || ' c' -- d\n 'e') | q"},
    {"SELECT $$ it's {{1}} $$, $tag$ $$ ; $tag$, {{ inputs.id }}",
     "SELECT $$ it's {{1}} $$, $tag$ $$ ; $tag$, $1 | id"},
    {"SELECT /* a /* b */ ' */ {{ inputs.id }}", "SELECT /* a /* b */ ' */ $1 | id"},
    {"SELECT a ? 'k', a ?| ARRAY['x', {{ inputs.q }}], a ?& b, a @> {{ inputs.q }}::jsonb",
     "SELECT a ? 'k', a ?| ARRAY['x', $1], a ?& b, a @> $2::jsonb | q, q"},
    {"SELECT a ? {{ inputs.q }} FROM t", "SELECT a ? $1 FROM t | q"},
    {"SELECT a[{{ inputs.n }}], a[1:2], :x", "SELECT a[$1], a[1:2], :x | n"},
    {"SELECT a FROM t ORDER BY ARRAY[{{ inputs.n }}, {{ inputs.id }}, 3] <-> b",
     "SELECT a FROM t ORDER BY ARRAY[$1, $2, 3] <-> b | n, id"},
    {"SELECT U&'d\\0061', B'01', X'1F', U&\"d\" , {{ inputs.id }}",
     "SELECT U&'d\\0061', B'01', X'1F', U&\"d\" , $1 | id"},
    {"SELECT a FROM t WHERE a = ANY({{ inputs.ids }})", "SELECT a FROM t WHERE a = ANY($1) | ids[]"},
    {"SELECT a FROM t WHERE a IN ({{ inputs.ids }}::int[])",
     "SELECT a FROM t WHERE a = ANY($1::int[]) | ids[]"},
    {"SELECT a FROM t WHERE a NOT /* c */ IN ({{ inputs.ids }})", "SELECT a FROM t WHERE a <> ALL($1) | ids[]"
    },
    {"SELECT a FROM t WHERE a IN (SELECT unnest({{ inputs.ids }}))",
     "SELECT a FROM t WHERE a IN (SELECT unnest($1)) | ids[]"},
    {"SELECT EXTRACT(year FROM {{ inputs.d }}::date), SUBSTRING({{ inputs.q }} FROM {{ inputs.n }} FOR 2), "
     "TRIM(BOTH FROM '{{ inputs.q }}')",
     "SELECT EXTRACT(year FROM $1::date), SUBSTRING($2 FROM $3 FOR 2), TRIM(BOTH FROM $2) | d, q, n"},
    {"WITH x AS (SELECT {{ inputs.id }} AS a) SELECT a FROM x FETCH FIRST {{ inputs.n }} ROWS ONLY",
     "WITH x AS (SELECT $1 AS a) SELECT a FROM x FETCH FIRST $2 ROWS ONLY | id, n"},
    {"SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS {{ inputs.n }} PRECEDING) FROM t",
     "SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS $1 PRECEDING) FROM t | n"},
    {"INSERT INTO t VALUES ({{ inputs.id }}) ON CONFLICT (id) DO UPDATE SET a = {{ inputs.q }} RETURNING {{ "
     "inputs.n }}",
     "INSERT INTO t VALUES ($1) ON CONFLICT (id) DO UPDATE SET a = $2 RETURNING $3 | id, q, n"},
};
INSTANTIATE_TEST_SUITE_P(compile, value_in_postgres, ::testing::ValuesIn(postgres_cases));

class value_in_sqlite : public ::testing::TestWithParam<one_case> {};

TEST_P(value_in_sqlite, becomes_a_parameter) {
    EXPECT_EQ(compiled(GetParam().source, dialect::sqlite), GetParam().text);
}

constexpr one_case sqlite_cases[] = {
    {"SELECT `a``b`, [c d'], \"e\" FROM t WHERE a = {{ inputs.id }}",
     "SELECT `a``b`, [c d'], \"e\" FROM t WHERE a = ?1 | id"},
    {"SELECT /* a /* b */ {{ inputs.id }}", "SELECT /* a /* b */ ?1 | id"},
    {"SELECT date('now', '-{{ inputs.n }} days')", "SELECT date('now', ('-' || ?1 || ' days')) | n"},
    {"SELECT x'1f', a -> '$.b', a ->> {{ inputs.q }} FROM t", "SELECT x'1f', a -> '$.b', a ->> ?1 FROM t | q"
    },
    {"SELECT 'a\\', {{ inputs.id }}, '\\'", "SELECT 'a\\', ?1, '\\' | id"},
    {"SELECT -- a\r' still a comment\n {{ inputs.id }}", "SELECT -- a\r' still a comment\n ?1 | id"},
    {"SELECT CAST({{ inputs.id }} AS text), CAST('{{ inputs.id }}' AS int)",
     "SELECT CAST(?1 AS text), CAST(?1 AS int) | id"},
    {"SELECT a FROM t WHERE a GLOB '*{{ inputs.q }}*' OR a MATCH {{ inputs.q }}",
     "SELECT a FROM t WHERE a GLOB ('*' || ?1 || '*') OR a MATCH ?1 | q"},
};
INSTANTIATE_TEST_SUITE_P(compile, value_in_sqlite, ::testing::ValuesIn(sqlite_cases));

TEST(value, has_the_declared_type_of_its_input) {
    const compile_result result =
        compile("SELECT {{ inputs.user-id }}, {{ inputs.ids }}", dialect::postgres, testing::inputs);
    ASSERT_TRUE(result.compiled.has_value());
    const std::vector<parameter>& parameters = result.compiled->variants.front().parameters;
    ASSERT_EQ(parameters.size(), 2U);
    EXPECT_EQ(parameters[0].type, value_type::uuid);
    EXPECT_FALSE(parameters[0].array);
    EXPECT_EQ(parameters[1].type, value_type::integer);
    EXPECT_TRUE(parameters[1].array);
}

TEST(value, in_a_comment_is_only_a_comment) {
    constexpr std::string_view source = "SELECT 1 -- {{ inputs.q }}\n/* {{#if inputs.nope}} {{ x }} */";
    for (const dialect target : {dialect::sqlite, dialect::postgres}) {
        const compile_result result = compile(source, target, testing::inputs);
        ASSERT_TRUE(result.compiled.has_value());
        EXPECT_EQ(testing::show(result.compiled->variants.front()), source);
        EXPECT_EQ(
            testing::show(result.problems),
            "12: warning: '{{ inputs.q }}' stands in a comment, it has no effect\n"
            "30: warning: '{{#if inputs.nope}}' stands in a comment, it has no effect"
        );
        EXPECT_EQ(result.compiled->input_used, std::vector<bool>(testing::inputs.size(), false));
    }
}

} // namespace
} // namespace hyperterse::statement
