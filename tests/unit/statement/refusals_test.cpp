#include "support.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace hyperterse::statement {
namespace {

using testing::compiled;

struct refused_case {
    std::string_view source;
    std::string_view problems;
};

class refused_in_both_dialects : public ::testing::TestWithParam<refused_case> {};

TEST_P(refused_in_both_dialects, with_place_and_reason) {
    EXPECT_EQ(compiled(GetParam().source, dialect::sqlite), GetParam().problems);
    EXPECT_EQ(compiled(GetParam().source, dialect::postgres), GetParam().problems);
}

constexpr refused_case both_cases[] = {
    {"", "0: the statement is empty"},
    {" \n-- nothing\n/* at all */", "0: the statement is empty"},
    {";", "0: the statement is empty"},
    {"SELECT 1; SELECT 2", "10: more than one statement"},
    {"SELECT 1;; ", "9: more than one statement"},
    {"SELECT 'a", "7: the literal that begins here has no end"},
    {"SELECT 'a''", "7: the literal that begins here has no end"},
    {"SELECT \"a", "7: the quoted name that begins here has no end"},
    {"SELECT /* a", "7: the comment that begins here has no end"},
    {std::string_view("SELECT \0 1", 10), "7: the statement has a NUL character"},
    {"SELECT {{ inputs.idd }}", "7: statement references '{{ inputs.idd }}' but the query has no input 'idd'"
    },
    {"SELECT '{{inputs.x}}', {{ inputs.ID }}",
     "8: statement references '{{ inputs.x }}' but the query has no input 'x'\n"
     "23: statement references '{{ inputs.ID }}' but the query has no input 'ID'"},
    {"SELECT {{ inputs.1x }}", "7: '{{ inputs.1x }}' is not a correct placeholder"},
    {"SELECT {{ inputs.a b }}", "7: '{{ inputs.a b }}' is not a correct placeholder"},
    {"SELECT '{{ inputs. }}'", "8: '{{ inputs. }}' is not a correct placeholder"},
    {"SELECT {{ x }}", "7: '{{ x }}' is not a correct placeholder"},
    {"SELECT {{#iffy}}", "7: '{{#iffy}}' is not a correct placeholder"},
    {"SELECT {{ inputs.id", "7: '{{' has no '}}'"},
    {"SELECT {{ inputs.id {{ inputs.q }}", "7: '{{' has no '}}'"},
    {"SELECT {{", "7: '{{' has no '}}'"},
    {"SELECT {{ auth.subject }}",
     "7: '{{ auth.subject }}' cannot be bound: authentication is not in this build"},
    {"SELECT '{{ auth.claims.tenant }}'",
     "8: '{{ auth.claims.tenant }}' cannot be bound: authentication is not in this build"},
    {"SELECT {{ env.X }}", "7: '{{ env.X }}' is not a correct placeholder"},
    // Quotes that no value can stand in.
    {"SELECT X'{{ inputs.q }}'", "9: '{{ inputs.q }}' stands in a hexadecimal literal X'…'"},
    {"SELECT \"{{ inputs.q }}\"", "8: '{{ inputs.q }}' stands in a quoted name"},
    {"SELECT '{{ inputs.ids }}'", "8: '{{ inputs.ids }}' is an array and stands in a literal"},
    {"SELECT 'by {{ inputs.sort }}'", "11: '{{ inputs.sort }}' is a choice and stands in a literal"},
    {"SELECT '{{#if inputs.q}}a{{/if}}'", "8: {{#if}} cannot stand inside quotes"},
    // Names.
    {"SELECT * FROM {{ inputs.q }}", "14: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT * FROM '{{ inputs.q }}'", "15: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT * FROM a, {{ inputs.q }}",
     "17: '{{ inputs.q }}' stands where the name of a table or an alias must be"},
    {"SELECT * FROM a {{ inputs.q }}",
     "16: '{{ inputs.q }}' stands where the name of a table or an alias must be"},
    {"SELECT * FROM a WHERE x IN (SELECT y FROM {{ inputs.q }})",
     "42: '{{ inputs.q }}' stands where a name must be"},
    {"DELETE FROM {{ inputs.q }}", "12: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT 1 FROM a JOIN {{ inputs.q }} ON 1", "21: '{{ inputs.q }}' stands where a name must be"},
    {"INSERT INTO {{ inputs.q }} VALUES (1)", "12: '{{ inputs.q }}' stands where a name must be"},
    {"UPDATE {{ inputs.q }} SET a = 1", "7: '{{ inputs.q }}' stands where a name must be"},
    {"UPDATE a SET {{ inputs.q }} = 1", "13: '{{ inputs.q }}' stands where a name must be"},
    {"CREATE TABLE {{ inputs.q }} (a int)", "13: '{{ inputs.q }}' stands where a name must be"},
    {"DROP TABLE IF EXISTS {{ inputs.q }}", "21: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT a AS {{ inputs.q }}", "12: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT t.{{ inputs.q }} FROM t", "9: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT {{ inputs.q }}.a FROM t", "7: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT {{ inputs.q }} (1)", "7: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT tbl_{{ inputs.q }}", "11: '{{ inputs.q }}' touches a word: a value cannot be a part of a name"},
    {"SELECT {{ inputs.q }}_x", "7: '{{ inputs.q }}' touches a word: a value cannot be a part of a name"},
    {"SELECT 5{{ inputs.q }}", "8: '{{ inputs.q }}' touches a word: a value cannot be a part of a name"},
    {"SELECT a FROM t_{{ inputs.sort }}",
     "16: '{{ inputs.sort }}' touches a word: a value cannot be a part of a name"},
    // Keys.
    {"SELECT a FROM t ORDER BY {{ inputs.q }}",
     "25: '{{ inputs.q }}' stands where a sort key or direction must be"},
    {"SELECT a FROM t ORDER BY '{{ inputs.q }}' LIMIT 1",
     "26: '{{ inputs.q }}' stands where a sort key or direction must be"},
    {"SELECT a FROM t ORDER BY a, {{ inputs.q }} DESC",
     "28: '{{ inputs.q }}' stands where a sort key or direction must be"},
    {"SELECT a FROM t ORDER BY a {{ inputs.q }}, b",
     "27: '{{ inputs.q }}' stands where a sort key or direction must be"},
    {"SELECT a FROM t ORDER BY lower(a) {{ inputs.q }}",
     "34: '{{ inputs.q }}' stands where a sort key or direction must be"},
    {"SELECT a FROM t ORDER BY date {{ inputs.q }}",
     "30: '{{ inputs.q }}' stands where a sort key or direction must be"},
    {"SELECT a FROM t GROUP BY {{ inputs.q }} HAVING 1",
     "25: '{{ inputs.q }}' stands where a sort key or direction must be"},
    {"SELECT max(a) OVER (PARTITION BY {{ inputs.q }}) FROM t",
     "33: '{{ inputs.q }}' stands where a sort key or direction must be"},
    // Lists.
    {"SELECT a FROM t WHERE a IN {{ inputs.ids }}", "27: '{{ inputs.ids }}' has no parentheses around it"},
    {"SELECT a FROM t WHERE a IN (1, {{ inputs.ids }})",
     "31: '{{ inputs.ids }}' is an array and shares its IN list"},
    {"SELECT a FROM t WHERE a NOT IN ({{ inputs.ids }}, 1)",
     "32: '{{ inputs.ids }}' is an array and shares its IN list"},
    {"SELECT foo '{{ inputs.q }} b'", "12: '{{ inputs.q }}' stands in a literal directly after a name"},
    {"SELECT \"foo\" '{{ inputs.q }} b'", "14: '{{ inputs.q }}' stands in a literal directly after a name"},
    // Several at once, in order.
    {"SELECT {{ inputs.nope }} FROM {{ inputs.q }} ORDER BY {{ inputs.n }}; SELECT",
     "7: statement references '{{ inputs.nope }}' but the query has no input 'nope'\n"
     "70: more than one statement"},
    {"SELECT {{ inputs.nope }} FROM {{ inputs.q }} ORDER BY {{ inputs.n }}",
     "7: statement references '{{ inputs.nope }}' but the query has no input 'nope'\n"
     "30: '{{ inputs.q }}' stands where a name must be\n"
     "54: '{{ inputs.n }}' stands where a sort key or direction must be"},
    {"SELECT 'größe' FROM {{ inputs.q }}", "22: '{{ inputs.q }}' stands where a name must be"},
};
INSTANTIATE_TEST_SUITE_P(compile, refused_in_both_dialects, ::testing::ValuesIn(both_cases));

class refused_in_postgres : public ::testing::TestWithParam<refused_case> {};

TEST_P(refused_in_postgres, with_place_and_reason) {
    EXPECT_EQ(compiled(GetParam().source, dialect::postgres), GetParam().problems);
}

constexpr refused_case postgres_cases[] = {
    {"SELECT $1", "7: '$1' is a parameter that nothing would be bound to"},
    {"SELECT $x$ a", "7: the dollar-quoted literal that begins here has no end"},
    {"SELECT $x$ {{ inputs.q }} $x$", "11: '{{ inputs.q }}' stands in a dollar-quoted literal"},
    {"SELECT $$ {{#if inputs.q}} $$", "10: {{#if}} cannot stand inside quotes"},
    {"SELECT E'a\\'", "7: the literal that begins here has no end"},
    {"SELECT E'\\{{ inputs.q }}'", "9: a backslash cannot stand directly before a placeholder"},
    {"SELECT B'{{ inputs.q }}'", "9: '{{ inputs.q }}' stands in a bit string B'…'"},
    {"SELECT U&'{{ inputs.q }}'", "10: '{{ inputs.q }}' stands in a literal with Unicode escapes U&'…'"},
    {"SELECT U&\"{{ inputs.q }}\"", "10: '{{ inputs.q }}' stands in a quoted name"},
    {"SELECT N'{{ inputs.q }}'", "9: '{{ inputs.q }}' stands in a national literal N'…'"},
    {"SELECT /* a /* b */", "7: the comment that begins here has no end"},
    {"SELECT ${{ inputs.q }}", "8: '{{ inputs.q }}' touches a word: a value cannot be a part of a name"},
    {"SELECT INTERVAL '{{ inputs.n }}' DAY",
     "17: '{{ inputs.n }}' is an interval whose unit stands outside of the literal"},
    {"SELECT INTERVAL {{ inputs.n }} hour",
     "16: '{{ inputs.n }}' is an interval whose unit stands outside of the literal"},
    {"SELECT a FROM date '{{ inputs.q }}'", "20: '{{ inputs.q }}' stands where a name must be"},
    {"SELECT a::{{ inputs.q }}", "10: '{{ inputs.q }}' stands where a name must be"},
};
INSTANTIATE_TEST_SUITE_P(compile, refused_in_postgres, ::testing::ValuesIn(postgres_cases));

class refused_in_sqlite : public ::testing::TestWithParam<refused_case> {};

TEST_P(refused_in_sqlite, with_place_and_reason) {
    EXPECT_EQ(compiled(GetParam().source, dialect::sqlite), GetParam().problems);
}

constexpr refused_case sqlite_cases[] = {
    {"SELECT ?, ?12",
     "7: '?' is a parameter that nothing would be bound to\n"
     "10: '?12' is a parameter that nothing would be bound to"},
    {"SELECT :a, @b, $c, #d",
     "7: ':a' is a parameter that nothing would be bound to\n"
     "11: '@b' is a parameter that nothing would be bound to\n"
     "15: '$c' is a parameter that nothing would be bound to\n"
     "19: '#d' is a parameter that nothing would be bound to"},
    {"SELECT `{{ inputs.q }}`", "8: '{{ inputs.q }}' stands in a quoted name"},
    {"SELECT [{{ inputs.q }}]", "8: '{{ inputs.q }}' stands in a quoted name"},
    {"SELECT [a", "7: the quoted name that begins here has no end"},
    {"SELECT `a``", "7: the quoted name that begins here has no end"},
};
INSTANTIATE_TEST_SUITE_P(compile, refused_in_sqlite, ::testing::ValuesIn(sqlite_cases));

std::string first_hint(std::string_view source, dialect target) {
    const compile_result result = compile(source, target, testing::inputs);
    return result.problems.empty() ? "no problem" : result.problems.front().hint;
}

TEST(refused, unknown_input_has_the_closest_name_in_the_hint) {
    EXPECT_EQ(
        first_hint("SELECT {{ inputs.emai }}", dialect::sqlite),
        "did you mean 'email'? (inputs: id, email, q, n, d, role, user-id, ids, sort, table)"
    );
    const compile_result result = compile("SELECT {{ inputs.x }}", dialect::sqlite, {});
    ASSERT_EQ(result.problems.size(), 1U);
    EXPECT_EQ(result.problems.front().hint, "the query has no inputs");
}

TEST(refused, names_and_keys_have_the_choice_in_the_hint) {
    for (const std::string_view source :
         {"SELECT * FROM {{ inputs.q }}",
          "SELECT a FROM t ORDER BY {{ inputs.q }}",
          "SELECT t_{{ inputs.q }}",
          "SELECT \"{{ inputs.q }}\""}) {
        EXPECT_NE(first_hint(source, dialect::postgres).find("input of type choice"), std::string::npos)
            << source;
    }
}

TEST(refused, always_says_so_with_an_error) {
    for (const refused_case& row : both_cases) {
        const compile_result result = compile(row.source, dialect::postgres, testing::inputs);
        EXPECT_FALSE(result.compiled.has_value());
        EXPECT_TRUE(std::ranges::is_sorted(result.problems, {}, &problem::offset));
        EXPECT_TRUE(std::ranges::any_of(result.problems, [](const problem& each) {
            return each.level == severity::error;
        }));
    }
}

} // namespace
} // namespace hyperterse::statement
