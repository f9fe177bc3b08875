#include "config/dotenv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string_view>

namespace hyperterse::config {
namespace {

struct value_case {
    std::string_view text;
    std::string_view value; // of A
};

TEST(dotenv, values_follow_the_common_quoting_rules) {
    const value_case cases[] = {
        {"A=plain", "plain"},
        {"A = spaced out  ", "spaced out"},
        {"export A=exported", "exported"},
        {"A: colon", "colon"},
        {"  A=indented", "indented"},
        {"A=", ""},
        {"A=one # comment", "one"},
        {"A=one#two", "one#two"},
        {"A= # only a comment", ""},
        {"A='single $B \\n # kept'", "single $B \\n # kept"},
        {"A=\"double\\nline\\r\\t\\\"q\\\"\" # comment", "double\nline\rt\"q\""},
        {"A=\"two\nlines\"", "two\nlines"},
        {"B=x\nA=$B-${B}-$C-", "x-x--"},
        {"B=x\nA=\"$B ${B}\"", "x x"},
        {"B=x\nA=\\$B", "$B"},
        {"B=x\nA=\"\\$B\"", "$B"},
        {"A=$lower", "$lower"},
        {"A=${open", "${open"},
        {"A=costs $", "costs $"},
        {"A=first\nA=second", "second"},
        {"# comment\n\nA=after\r\nB=2\r\n", "after"},
        {"export=1\nA=yes", "yes"},
        {"A=a=b", "a=b"},
        {"A=it's", "it's"},
    };
    for (const auto& [text, value] : cases) {
        const source_file file(".env", std::string(text));
        diagnostics found;
        const variables read = parse_dotenv(file, found);
        EXPECT_EQ(to_text(found), "") << text;
        ASSERT_TRUE(read.contains("A")) << text;
        EXPECT_EQ(read.at("A"), value) << text;
    }
}

TEST(dotenv, a_line_that_does_not_parse_is_reported_without_its_value) {
    const value_case cases[] = {
        {"A=1\nhunter2", ".env:2:1: warning: not a variable: expected NAME=value\n"},
        {"A=1\n=hunter2", ".env:2:1: warning: not a variable: expected NAME=value\n"},
        {"A=1\nB-C=hunter2", ".env:2:1: warning: not a variable: expected NAME=value\n"},
        {"A=1\nB=\"hunter2", ".env:2:3: warning: the closing quote is missing\n"},
        {"A=1\nB=\"hunter2\\", ".env:2:3: warning: the closing quote is missing\n"},
        {"A=1\nB='hunter2' hunter2", ".env:2:13: warning: unexpected text after the closing quote\n"},
    };
    for (const auto& [text, expected] : cases) {
        const source_file file(".env", std::string(text));
        diagnostics found;
        const variables read = parse_dotenv(file, found);
        EXPECT_EQ(to_text(found), expected) << text;
        EXPECT_THAT(read, testing::ElementsAre(testing::Pair("A", "1"))) << text;
    }
}

} // namespace
} // namespace hyperterse::config
