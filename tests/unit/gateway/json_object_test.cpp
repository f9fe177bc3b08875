#include "gateway/json_object.hpp"

#include <gtest/gtest.h>

namespace hyperterse::gateway {
namespace {

std::string to_json(const json_value& shown) {
    std::string text;
    append_json(text, shown);
    return text;
}

std::string nested(std::size_t levels) {
    return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
}

TEST(parse_inputs, takes_white_space_for_no_inputs) {
    for (const std::string_view text : {"", " ", "\r\n\t "}) {
        const auto parsed = parse_inputs(text, {});
        ASSERT_TRUE(parsed) << text;
        EXPECT_TRUE(parsed->empty());
    }
}

TEST(parse_inputs, keeps_members_in_order_with_their_kinds) {
    const auto parsed =
        parse_inputs(R"( {"z":1,"a":"x","n":null,"t":true,"l":[1,[2]],"o":{"k":false}} )", {});
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->size(), 6U);
    EXPECT_EQ((*parsed)[0].name, "z");
    EXPECT_EQ((*parsed)[0].content.type, json_value::kind::number);
    EXPECT_EQ((*parsed)[1].content.text, "x");
    EXPECT_EQ((*parsed)[2].content.type, json_value::kind::null);
    EXPECT_TRUE((*parsed)[3].content.flag);
    EXPECT_EQ(to_json((*parsed)[4].content), "[1,[2]]");
    EXPECT_EQ(to_json((*parsed)[5].content), R"({"k":false})");
}

TEST(parse_inputs, keeps_the_text_of_numbers) {
    for (const std::string_view number :
         {"0",
          "-0",
          "9007199254740993",
          "9223372036854775808",
          "-9223372036854775809",
          "1e3",
          "5.0",
          "0.1000",
          "123456789012345678901234567890.123456789",
          "1E-400",
          "1e+400"}) {
        const auto parsed = parse_inputs(R"({"n":)" + std::string(number) + "}", {});
        ASSERT_TRUE(parsed) << number;
        EXPECT_EQ(parsed->front().content.text, number);
    }
}

TEST(parse_inputs, decodes_escapes) {
    const auto parsed = parse_inputs(R"({"\u006b":"\u00e9\ud83d\ude00\n\"\\\/"})", {});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->front().name, "k");
    EXPECT_EQ(parsed->front().content.text, "é😀\n\"\\/");
}

struct refused_case {
    std::string_view text;
    std::string_view message;
};

TEST(parse_inputs, refuses_with_what_and_where) {
    using namespace std::string_view_literals;
    const refused_case cases[] = {
        {"{", "Invalid JSON: unexpected end at byte 2"},
        {R"({"a":1)", "Invalid JSON: unexpected end at byte 7"},
        {R"({"a" 1})", "Invalid JSON: unexpected '1' at byte 6"},
        {R"({"a":1,})", "Invalid JSON: unexpected '}' at byte 8"},
        {R"({"a":01})", "Invalid JSON: unexpected '1' at byte 7"},
        {R"({"a":+1})", "Invalid JSON: unexpected '+' at byte 6"},
        {R"({"a":.5})", "Invalid JSON: unexpected '.' at byte 6"},
        {R"({"a":NaN})", "Invalid JSON: unexpected 'N' at byte 6"},
        {R"({a:1})", "Invalid JSON: unexpected 'a' at byte 2"},
        {R"({'a':1})", "Invalid JSON: unexpected ''' at byte 2"},
        {"{\"a\":\"\n\"}", "Invalid JSON: unexpected control character 0x0a at byte 7"},
        {"{\"a\":\"\xC3\x28\"}", "Invalid JSON: text that is not UTF-8 at byte 7"},
        {"{\"\xFF\":1}", "Invalid JSON: text that is not UTF-8 at byte 3"},
        {"{\"a\":\"\xED\xA0\x80\"}", "Invalid JSON: text that is not UTF-8 at byte 7"},
        {R"({"a":1} x)", "Invalid JSON: unexpected text after the value at byte 9"},
        {R"({"a":1}{})", "Invalid JSON: unexpected text after the value at byte 8"},
        {"{}\0"sv, "Invalid JSON: unexpected text after the value at byte 3"},
        {"[1]", "Invalid JSON: the inputs must be one object"},
        {"null", "Invalid JSON: the inputs must be one object"},
        {"\"x\"", "Invalid JSON: the inputs must be one object"},
        {"// c\n{}", "Invalid JSON: unexpected '/' at byte 1"},
        {"\xEF\xBB\xBF{}", "Invalid JSON: text that is not UTF-8 at byte 1"},
    };
    for (const auto& [text, message] : cases) {
        const auto parsed = parse_inputs(text, {});
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code(), errc::invalid_request) << text;
        EXPECT_EQ(parsed.error().message(), message) << text;
    }
}

TEST(parse_inputs, refuses_nul_in_names_and_text_at_any_level) {
    for (const std::string_view text :
         {R"({"a":"x\u0000y"})", R"({"\u0000":1})", R"({"a":[{"b":"\u0000"}]})", "{\"a\":\"x\\u0000\"}"}) {
        const auto parsed = parse_inputs(text, {});
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().message().find("U+0000"), std::string::npos) << parsed.error().message();
    }
    EXPECT_FALSE(parse_inputs(std::string_view("{\"a\":\"x\0y\"}", 11), {}));
}

TEST(parse_inputs, refuses_a_key_twice_at_any_level) {
    for (const std::string_view text :
         {R"({"dup":1,"b":2,"dup":3})", R"({"a":{"dup":1,"dup":1}})", R"({"a":[[{"dup":1,"\u0064up":1}]]})"
         }) {
        const auto parsed = parse_inputs(text, {});
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().message().find("key 'dup' appears twice"), std::string::npos)
            << parsed.error().message();
    }
    EXPECT_TRUE(parse_inputs(R"({"a":{"x":1},"b":{"x":1}})", {}));
}

TEST(parse_inputs, finds_a_duplicate_among_many_keys_in_bounded_time) {
    std::string text = "{";
    for (int index = 0; index < 20'000; ++index) {
        text += "\"k" + std::to_string(index) + "\":0,";
    }
    EXPECT_TRUE(parse_inputs(text + "\"last\":0}", {}));
    const auto parsed = parse_inputs(text + "\"k500\":0}", {});
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().message().find("key 'k500' appears twice"), std::string::npos);
}

TEST(parse_inputs, allows_as_many_levels_as_the_limit_and_not_one_more) {
    EXPECT_TRUE(parse_inputs(nested(32), {.depth = 32}));
    const auto deeper = parse_inputs(nested(33), {.depth = 32});
    ASSERT_FALSE(deeper);
    EXPECT_NE(deeper.error().message().find("nested too deep"), std::string::npos)
        << deeper.error().message();
    EXPECT_TRUE(parse_inputs("{}", {.depth = 1}));
    EXPECT_FALSE(parse_inputs(R"({"a":[]})", {.depth = 1}));
    EXPECT_FALSE(parse_inputs(std::string(1'000'000, '['), {.depth = 32}));
}

TEST(json_object, holds_as_many_values_as_its_limit) {
    EXPECT_TRUE(parse_inputs(R"({"a":[1,true,null,"x"]})", {.values = 6}));
    const auto more = parse_inputs(R"({"a":[1,true,null,"x",2]})", {.values = 6});
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code(), errc::invalid_request);
    EXPECT_TRUE(more.error().message().starts_with("Invalid JSON: more than 6 values at byte "))
        << more.error().message();
}

TEST(parse_inputs, repeats_at_most_a_hundred_bytes_of_a_key) {
    const std::string key(10'000, 'k');
    const auto parsed = parse_inputs("{\"" + key + "\":1,\"" + key + "\":2}", {});
    ASSERT_FALSE(parsed);
    EXPECT_LT(parsed.error().message().size(), 200U);
}

TEST(append_json, reads_back_as_the_same_value) {
    constexpr std::string_view text =
        R"({"a":[1,2.50,-0,1e9],"b":{"c":null,"d":[true,false,{}],"e":[]},"f":"\"\\\u0001é"})";
    const auto parsed = parse_json(text, {});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(to_json(*parsed), text);
}

} // namespace
} // namespace hyperterse::gateway
