#include "config/substitution.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string_view>
#include <unistd.h>

namespace hyperterse::config {
namespace {

std::optional<std::string> variable(std::string_view name) {
    if (name == "A") {
        return "alpha";
    }
    if (name == "BRACES") {
        return "{{ inputs.x }}";
    }
    if (name == "OPEN") {
        return "a{";
    }
    if (name == "CLOSE") {
        return "}} b";
    }
    return name == "EMPTY" ? std::optional<std::string>("") : std::nullopt;
}

class substitution : public testing::Test {
protected:
    substitution() :
        directory_(std::filesystem::temp_directory_path() / ("substitution." + std::to_string(getpid()))) {
        std::filesystem::create_directories(directory_);
    }
    ~substitution() override { std::filesystem::remove_all(directory_); }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(directory_ / name, std::ios::binary) << text;
    }
    substituted_text run(std::string_view text, substitution_use use = substitution_use::value) const {
        return substitute(text, {.variables = variable, .directory = directory_}, use);
    }

private:
    std::filesystem::path directory_;
};

struct text_case {
    std::string_view written;
    std::string_view text;
    bool secret;
};

TEST_F(substitution, variables_and_defaults_take_the_place_of_their_placeholders) {
    const text_case cases[] = {
        {"{{ env.A }}", "alpha", true},
        {"{{env.A}}", "alpha", true},
        {"{{\n env.A\t}}", "alpha", true},
        {"<{{ env.A }}{{ env.A }}>", "<alphaalpha>", true},
        {"{{ env.EMPTY }}", "", true},
        {R"({{ env.NONE | default("x y") }})", "x y", false},
        {R"({{env.NONE|default('it"s')}})", "it\"s", false},
        {R"({{ env.NONE | default("a\"b\\") }})", "a\"b\\", false},
        {R"({{ env.NONE | default("") }})", "", false},
        {R"({{ env.NONE | default("}}") }})", "}}", false},
        {R"({{ env.A | default("x") }})", "alpha", true},
        {R"({{ env.EMPTY | default("x") }})", "", true},
        {"{{{ env.A }}}", "{alpha}", true},
        {"{{ env.BRACES }}", "{{ inputs.x }}", true},
        {"{{ inputs.x }} {{#if inputs.x}} {{ auth.subject }} {{/if}}",
         "{{ inputs.x }} {{#if inputs.x}} {{ auth.subject }} {{/if}}",
         false},
        {"{{ environment }} {{", "{{ environment }} {{", false},
        {"no braces", "no braces", false},
    };
    for (const auto& [written, text, secret] : cases) {
        const substituted_text done = run(written);
        EXPECT_EQ(done.text, text) << written;
        EXPECT_EQ(done.secret, secret) << written;
        EXPECT_TRUE(done.problems.empty()) << written;
    }
}

TEST_F(substitution, a_secret_file_loses_its_last_line_break_only) {
    write("plain", "s3cret");
    write("line", "s3cret\n");
    write("windows", "s3cret\r\n");
    write("lines", "s3cret\n\n");
    EXPECT_EQ(run("{{ file.plain }}").text, "s3cret");
    EXPECT_EQ(run("{{file.line}}").text, "s3cret");
    EXPECT_EQ(run("{{ file.windows }}").text, "s3cret");
    EXPECT_EQ(run("{{ file.lines }}").text, "s3cret\n");
    EXPECT_TRUE(run("{{ file.plain }}").secret);
}

TEST_F(substitution, what_cannot_be_substituted_is_a_problem_at_its_place) {
    const struct {
        std::string_view written;
        std::size_t offset;
        std::string_view message;
    } cases[] = {
        {"ab{{ env.NONE }}", 2, "environment variable 'NONE' is not set"},
        {"{{ file.none }}", 0, "secret file 'none': No such file or directory"},
        {"{{ file.. }}", 0, "secret file '.': not a regular file"},
        {"{{ env.A-B }}", 0, "malformed substitution"},
        {"{{ env. }}", 0, "malformed substitution"},
        {"{{ env.A", 0, "malformed substitution"},
        {"{{ env.A }", 0, "malformed substitution"},
        {"{{ env.A | upper }}", 0, "malformed substitution"},
        {"{{ env.A | default(x) }}", 0, "malformed substitution"},
        {R"({{ env.A | default("x }})", 0, "malformed substitution"},
        {R"({{ env.A | default("x" }})", 0, "malformed substitution"},
        {"{{ file.a b }}", 0, "malformed substitution"},
        {"{{ file. }}", 0, "malformed substitution"},
    };
    for (const auto& [written, offset, message] : cases) {
        const substituted_text done = run(written);
        ASSERT_EQ(done.problems.size(), 1U) << written;
        EXPECT_EQ(done.problems[0].offset, offset) << written;
        EXPECT_EQ(done.problems[0].message, message) << written;
    }
}

TEST_F(substitution, nothing_that_is_put_into_a_statement_becomes_part_of_a_placeholder) {
    const std::string_view refused[] = {
        "{{ env.BRACES }}",
        "{{ inputs.{{ env.A }} }}",
        "{{ env.OPEN }}{ inputs.x }}",
        "{{{ env.EMPTY }}{ inputs.x }}",
        "{{ inputs.x {{ env.CLOSE }}",
        "{{ inputs.a }} {{ inputs.{{ env.EMPTY }}x }}",
    };
    for (const std::string_view written : refused) {
        const substituted_text done = run(written, substitution_use::statement);
        ASSERT_EQ(done.problems.size(), 1U) << written;
        EXPECT_EQ(
            done.problems[0].message, "what is substituted into a statement must not be part of a '{{ … }}'"
        );
    }
    const std::string_view accepted[] = {
        "{{ env.A }}{{ inputs.x }}{{ env.A }}",
        "{{ env.EMPTY }}{{ inputs.x }}{{ env.EMPTY }}",
        "{{ inputs.x }} {{ env.CLOSE }} {{ inputs.y }}",
        R"({"a": {"b": {{ env.A }}}})",
    };
    for (const std::string_view written : accepted) {
        EXPECT_TRUE(run(written, substitution_use::statement).problems.empty()) << written;
    }
}

} // namespace
} // namespace hyperterse::config
