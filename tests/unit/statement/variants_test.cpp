#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperterse::statement {
namespace {

using testing::compiled;

std::vector<std::string> variants(std::string_view source, dialect target = dialect::sqlite) {
    const compile_result result = compile(source, target, testing::inputs);
    std::vector<std::string> shown;
    if (!result.compiled) {
        shown.push_back(testing::show(result.problems));
        return shown;
    }
    for (const statement& each : result.compiled->variants) {
        shown.push_back(testing::show(each));
    }
    return shown;
}

// The problems of SELECT … {{ inputs.x }} where x is a choice of one fragment.
std::string with_fragment(std::string fragment, std::string_view source = "SELECT {{ inputs.x }} FROM t") {
    const std::array fragments{std::move(fragment)};
    const std::vector<input_declaration> inputs{
        {.name = "x", .type = value_type::choice, .fragments = fragments}
    };
    const compile_result result = compile(source, dialect::postgres, inputs);
    return result.compiled ? std::string(result.compiled->variants.front().text.view())
                           : testing::show(result.problems);
}

using ::testing::ElementsAre;

TEST(choice, makes_one_statement_per_fragment_in_order) {
    EXPECT_THAT(
        variants("SELECT a FROM t ORDER BY {{ inputs.sort }} LIMIT {{ inputs.n }}"),
        ElementsAre(
            "SELECT a FROM t ORDER BY created_at DESC LIMIT ?1 | n",
            "SELECT a FROM t ORDER BY name ASC LIMIT ?1 | n",
            "SELECT a FROM t ORDER BY lower(name) LIMIT ?1 | n"
        )
    );
}

TEST(choice, can_be_a_name_and_stand_at_several_places) {
    EXPECT_THAT(
        variants(
            "SELECT {{inputs.table}}.* FROM {{ inputs.table }} WHERE {{ inputs.table }}.id={{ inputs.id }}"
        ),
        ElementsAre(
            "SELECT users .* FROM users WHERE users .id=?1 | id",
            "SELECT \"order\" .* FROM \"order\" WHERE \"order\" .id=?1 | id"
        )
    );
}

TEST(choice, varies_faster_the_later_it_stands) {
    const compile_result result = compile(
        "SELECT a FROM {{ inputs.table }} ORDER BY {{ inputs.sort }}", dialect::postgres, testing::inputs
    );
    ASSERT_TRUE(result.compiled.has_value());
    const compiled_template& made = *result.compiled;
    ASSERT_EQ(made.variants.size(), 6U);
    ASSERT_EQ(made.selectors.size(), 2U);
    EXPECT_EQ(made.selectors[0].by, selector::kind::choice);
    EXPECT_EQ(testing::inputs[made.selectors[0].input].name, "table");
    EXPECT_EQ(made.selectors[0].options, 2U);
    EXPECT_EQ(testing::inputs[made.selectors[1].input].name, "sort");
    EXPECT_EQ(
        made.select(std::array<std::size_t, 2>{1, 2}).text.view(),
        "SELECT a FROM \"order\" ORDER BY lower(name)"
    );
    EXPECT_EQ(&made.select(std::array<std::size_t, 2>{1, 0}), &made.variants[3]);
}

TEST(choice, never_merges_with_what_it_stands_beside) {
    EXPECT_EQ(
        with_fragment("-", "SELECT 1 -{{ inputs.x }}1"),
        "10: '{{ inputs.x }}' touches a word: a value "
        "cannot be a part of a name"
    );
    EXPECT_EQ(with_fragment("- 1", "SELECT 1 -{{ inputs.x }}"), "SELECT 1 - - 1");
    EXPECT_EQ(with_fragment("'b'", "SELECT 'a'{{ inputs.x }}'c'"), "SELECT 'a' 'b' 'c'");
    EXPECT_EQ(with_fragment("*", "SELECT /{{ inputs.x }}/"), "SELECT / * /");
    EXPECT_EQ(with_fragment("f", "SELECT {{ inputs.x }}(1)"), "SELECT f(1)");
    EXPECT_EQ(with_fragment("", "SELECT 'a'{{ inputs.x }}'c'"), "SELECT 'a' 'c'");
}

TEST(choice, has_fragments_that_are_whole) {
    constexpr std::string_view start = "7: a choice of input 'x' ";
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"'a", "has a literal, name or comment without an end"},
        {"\"a", "has a literal, name or comment without an end"},
        {"a /*", "has a literal, name or comment without an end"},
        {"$$a", "has a literal, name or comment without an end"},
        {"a -- b", "ends in a comment that would go on in the statement"},
        {"a; DROP TABLE t", "has a semicolon"},
        {"(a", "leaves a parenthesis open"},
        {"a) FROM (b", "closes a parenthesis that it did not open"},
        {"{{ inputs.x }}", "has a placeholder"},
        {"'{{ inputs.x }}'", "has a placeholder"},
        {"{{ inputs.", "has a placeholder"},
        {"/* {{ inputs.x }} */ a", "has a placeholder"},
        {"$1", "has a parameter of its own"},
    };
    for (const auto& [fragment, fault] : cases) {
        EXPECT_EQ(
            with_fragment(std::string(fragment)),
            std::string(start) + std::string(fault) + ": " + std::string(fragment)
        );
    }
    EXPECT_EQ(with_fragment("a -- b\n"), "SELECT a -- b\n FROM t");
    EXPECT_EQ(with_fragment("f(';', \"(\") /* ) */"), "SELECT f(';', \"(\") /* ) */ FROM t");
}

TEST(choice, whose_literal_would_go_on_in_the_next_one_is_refused) {
    EXPECT_EQ(
        with_fragment("'b\\'", "SELECT E'a'\n{{ inputs.x }}"), "7: the literal that begins here has no end"
    );
}

TEST(choice, without_fragments_is_refused) {
    const std::vector<input_declaration> inputs{{.name = "x", .type = value_type::choice}};
    const compile_result result = compile("SELECT {{ inputs.x }}", dialect::sqlite, inputs);
    EXPECT_EQ(testing::show(result.problems), "7: input 'x' has no choices");
}

TEST(choice, has_problems_at_places_of_the_template) {
    EXPECT_EQ(
        compiled(
            "SELECT 1 FROM {{ inputs.table }} ORDER BY a {{ inputs.sort }}, {{ inputs.q }}", dialect::sqlite
        ),
        "63: '{{ inputs.q }}' stands where a sort key or direction must be"
    );
}

TEST(presence, makes_a_statement_without_and_one_with) {
    EXPECT_THAT(
        variants(
            "SELECT a FROM t WHERE b = 1{{#if inputs.role}} AND role = '{{ inputs.role }}' {{/if}}LIMIT 1"
        ),
        ElementsAre(
            "SELECT a FROM t WHERE b = 1 LIMIT 1", "SELECT a FROM t WHERE b = 1 AND role = ?1 LIMIT 1 | role"
        )
    );
}

TEST(presence, has_an_else_and_nests) {
    EXPECT_THAT(
        variants(
            "SELECT {{#if inputs.q}}{{ inputs.q }}{{#if inputs.n}}+{{ inputs.n }}{{else}}-1{{/if}}{{ else "
            "}}0{{ "
            "/if }}",
            dialect::postgres
        ),
        ElementsAre("SELECT 0", "SELECT 0", "SELECT $1 -1 | q", "SELECT $1 +$2 | q, n")
    );
}

TEST(presence, of_the_same_input_is_asked_for_once) {
    EXPECT_THAT(
        variants("SELECT {{#if inputs.q}}1{{/if}}{{#if inputs.q}}+2{{else}}3{{/if}}"),
        ElementsAre("SELECT 3", "SELECT 1 +2")
    );
}

TEST(presence, keeps_the_texts_of_its_branches_apart) {
    EXPECT_THAT(
        variants("SELECT 1 -{{#if inputs.q}}2{{/if}}- 3, 'a'{{#if inputs.q}}{{/if}}'b'"),
        ElementsAre("SELECT 1 - - 3, 'a' 'b'", "SELECT 1 - 2 - 3, 'a' 'b'")
    );
}

TEST(presence, counts_as_a_use_of_the_input) {
    const compile_result result = compile(
        "SELECT 1{{#if inputs.role}} WHERE 1{{/if}}, {{ inputs.q }}", dialect::sqlite, testing::inputs
    );
    ASSERT_TRUE(result.compiled.has_value());
    std::vector<std::string_view> used;
    for (std::size_t index = 0; index < testing::inputs.size(); ++index) {
        if (result.compiled->input_used[index]) {
            used.push_back(testing::inputs[index].name);
        }
    }
    EXPECT_THAT(used, ElementsAre("q", "role"));
    EXPECT_EQ(result.compiled->selectors.front().by, selector::kind::presence);
    EXPECT_EQ(result.compiled->selectors.front().options, 2U);
}

TEST(presence, is_refused_when_it_does_not_nest) {
    EXPECT_EQ(compiled("SELECT 1{{/if}}", dialect::sqlite), "8: {{/if}} without {{#if}}");
    EXPECT_EQ(compiled("SELECT 1{{else}}", dialect::sqlite), "8: {{else}} without {{#if}}");
    EXPECT_EQ(compiled("SELECT 1{{#if inputs.q}}", dialect::sqlite), "8: {{#if}} has no {{/if}}");
    EXPECT_EQ(
        compiled("SELECT {{#if inputs.q}}1{{else}}2{{else}}3{{/if}}", dialect::sqlite),
        "33: a second {{else}} for the same {{#if}}"
    );
    EXPECT_EQ(
        compiled("SELECT {{#if inputs.x}}1{{/if}}", dialect::sqlite),
        "7: statement references '{{ inputs.x }}' but the query has no input 'x'"
    );
    EXPECT_EQ(
        compiled("SELECT a{{#if inputs.q}}b{{/if}}", dialect::sqlite),
        "8: '{{#if inputs.q}}' stands inside a name"
    );
}

TEST(presence, leaves_a_statement_in_every_case) {
    EXPECT_EQ(compiled("{{#if inputs.q}}SELECT 1{{/if}}", dialect::sqlite), "0: the statement is empty");
    EXPECT_EQ(
        compiled("{{#if inputs.q}}SELECT 1;{{/if}} SELECT 2", dialect::sqlite), "33: more than one statement"
    );
}

std::string presence_of(std::size_t count) {
    constexpr std::array names{"id", "email", "q", "n", "d", "role", "user-id"};
    std::string source = "SELECT 1";
    for (std::size_t index = 0; index < count; ++index) {
        source += "{{#if inputs." + std::string(names[index]) + "}}+1{{/if}}";
    }
    return source;
}

TEST(variants, are_at_most_sixty_four) {
    const compile_result most = compile(presence_of(6), dialect::sqlite, testing::inputs);
    ASSERT_TRUE(most.compiled.has_value());
    EXPECT_EQ(most.compiled->variants.size(), max_variants);
    EXPECT_EQ(
        compiled(presence_of(7), dialect::sqlite),
        "0: choices and {{#if}} make 128 statements, at most 64 are allowed"
    );
}

TEST(variants, are_counted_without_overflow) {
    const std::vector<std::string> many(2'000, "a");
    const std::vector<std::string> names{"a", "b", "c", "d", "e"};
    std::vector<input_declaration> inputs;
    std::string source = "SELECT 1";
    for (const std::string& name : names) {
        inputs.push_back({.name = name, .type = value_type::choice, .fragments = many});
        source += ", {{ inputs." + name + " }}";
    }
    const compile_result result = compile(source, dialect::sqlite, inputs);
    EXPECT_EQ(
        testing::show(result.problems),
        "0: choices and {{#if}} make at least 1000000000 statements, at most 64 are allowed"
    );
}

} // namespace
} // namespace hyperterse::statement
