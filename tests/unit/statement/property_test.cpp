#include "statement/lexer.hpp"
#include "support.hpp"

#include <gtest/gtest.h>
#include <random>

// Random statements, seeded, so that a failure repeats.
namespace hyperterse::statement {
namespace {

constexpr std::size_t rounds = 4'000;

constexpr std::array<std::string_view, 26> plain_tokens{
    "SELECT", "a",           "\"b\"\"c\"", "'it''s'", "'{{1}}'", "42",   "3.14", "+",     "||",
    "<->",    "(",           ")",          ",",       "WHERE",   "AND",  "=",    "größe", "-",
    "/",      "/* a ' b */", "-- c ' d\n", "LIKE",    "THEN",    "'--'", "'/*'", "<=",
};
constexpr std::array<std::string_view, 4> gaps{" ", "\n", "\r\n\t", " /* gap */ "};
constexpr std::array<std::string_view, 4> values{
    "{{ inputs.id }}", "{{inputs.q}}", "'{{ inputs.email }}'", "{{\ninputs.user-id }}"
};

// The texts of the tokens; a placeholder or a literal that is one shows as "{value}".
std::vector<std::string> token_texts(const lexed& read, bool parameters) {
    std::vector<std::string> texts;
    for (const token& each : read.tokens) {
        const bool value = parameters ? each.kind == token_kind::own_parameter : each.holds_tags();
        texts.push_back(value ? "{value}" : std::string(read.text_of(each)));
    }
    return texts;
}

class random_statement {
public:
    explicit random_statement(std::uint32_t seed) : random_(seed) {}

    // Tokens apart from each other, with values after operators only, so that they stand in expressions.
    std::string with_values() {
        std::string text = "SELECT ";
        for (std::size_t left = 1 + below(12); left > 0; --left) {
            text += pick(plain_tokens);
            text += pick(gaps);
            if (below(3) == 0) {
                text += std::string("+") + std::string(below(2) == 0 ? "" : pick(gaps));
                text += pick(values);
                text += pick(gaps);
                text += ", "; // so that no literal goes on in the next one
            }
        }
        return text;
    }

    // Anything, side by side.
    std::string hostile() {
        static constexpr std::array<std::string_view, 30> parts{
            "'",
            "''",
            "\"",
            "`",
            "[",
            "]",
            "$",
            "$$",
            "$t$",
            "E'",
            "X'",
            "U&'",
            "--",
            "/*",
            "*/",
            "\n",
            "\\",
            ";",
            "::",
            "?",
            "(",
            ")",
            "IN (",
            "DATE ",
            "{{ inputs.id }}",
            "{{ inputs.ids }}",
            "{{#if inputs.q}}",
            "{{else}}",
            "{{/if}}",
            "{{ inputs.sort }}"
        };
        std::string text = "SELECT ";
        for (std::size_t left = below(14); left > 0; --left) {
            text += below(3) == 0 ? pick(plain_tokens) : pick(parts);
        }
        return text;
    }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    template <std::size_t Count>
    std::string_view pick(const std::array<std::string_view, Count>& from) {
        return from[below(Count)];
    }
    std::mt19937 random_;
};

class every_dialect : public ::testing::TestWithParam<dialect> {};

TEST_P(every_dialect, reads_its_statement_as_the_template_with_a_parameter_in_each_place) {
    const dialect_rules& rules = rules_of(GetParam());
    random_statement random(1);
    std::size_t compiled = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::string source = random.with_values();
        const compile_result result = compile(source, GetParam(), testing::inputs);
        if (!result.compiled) {
            continue;
        }
        ++compiled;
        const std::string text(result.compiled->variants.front().text.view());
        EXPECT_EQ(token_texts(lex(text, rules), true), token_texts(lex(source, rules), false)) << source;
    }
    EXPECT_GT(compiled, rounds / 2);
}

// In whatever is accepted, each parameter is one of ours, and no placeholder is left outside of a comment.
TEST_P(every_dialect, has_only_its_own_parameters_in_what_it_makes_of_hostile_text) {
    const dialect_rules& rules = rules_of(GetParam());
    random_statement random(2);
    std::size_t parameters = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::string source = random.hostile();
        const compile_result result = compile(source, GetParam(), testing::inputs);
        for (const problem& each : result.problems) {
            EXPECT_LE(each.offset, source.size());
        }
        if (!result.compiled) {
            continue;
        }
        for (const statement& each : result.compiled->variants) {
            const std::string text(each.text.view());
            const lexed read = lex(text, rules);
            EXPECT_TRUE(read.complete) << source;
            EXPECT_TRUE(read.tags.empty()) << source;
            for (const token& part : read.tokens) {
                if (part.kind == token_kind::own_parameter) {
                    const std::size_t number = std::stoul(std::string(read.text_of(part).substr(1)));
                    EXPECT_GE(number, 1U) << source;
                    EXPECT_LE(number, each.parameters.size()) << source;
                    ++parameters;
                }
            }
        }
    }
    EXPECT_GT(parameters, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    compile,
    every_dialect,
    ::testing::Values(dialect::sqlite, dialect::postgres),
    [](const auto& each) { return each.param == dialect::sqlite ? "sqlite" : "postgres"; }
);

} // namespace
} // namespace hyperterse::statement
