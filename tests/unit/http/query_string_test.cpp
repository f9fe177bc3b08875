#include "http/query_string.hpp"

#include <gtest/gtest.h>

namespace hyperterse::http {
namespace {

using pairs = gateway::text_inputs;

TEST(query_string, decodes_pairs_in_order) {
    struct {
        std::string_view query;
        pairs expected;
    } const cases[] = {
        {"", {}},
        {"&&", {}},
        {"a=1", {{"a", "1"}}},
        {"a=1&b=2&a=3", {{"a", "1"}, {"b", "2"}, {"a", "3"}}},
        {"a", {{"a", ""}}},
        {"a=", {{"a", ""}}},
        {"=1", {{"", "1"}}},
        {"a=b=c", {{"a", "b=c"}}},
        {"a+b=c+d%2B", {{"a b", "c d+"}}},
        {"a%3Db=%26%25", {{"a=b", "&%"}}},
        {"n=%C3%A9%c3%a9", {{"n", "éé"}}},
        {"n=\xC3\xA9", {{"n", "é"}}},
    };
    for (const auto& [query, expected] : cases) {
        const auto parsed = parse_query_string(query);
        ASSERT_TRUE(parsed) << query;
        EXPECT_EQ(*parsed, expected) << query;
    }
}

TEST(query_string, refuses_broken_escapes_and_text_that_is_not_utf8) {
    for (const char* const query :
         {"a=%",
          "a=%2",
          "a=%G1",
          "a=%1G",
          "%=1",
          "a=%+1",
          "a=%-1",
          "a=% 1",
          "a=%FF",
          "a=\xFF",
          "a=%00",
          "%ED%A0%80=1",
          "a=1&b=%"}) {
        const auto parsed = parse_query_string(query);
        ASSERT_FALSE(parsed) << query;
        EXPECT_EQ(parsed.error().code(), errc::invalid_request);
    }
}

} // namespace
} // namespace hyperterse::http
