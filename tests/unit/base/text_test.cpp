#include "base/text.hpp"

#include <array>
#include <gtest/gtest.h>

namespace hyperterse {
namespace {

TEST(text, compares_ascii_letters_without_case) {
    EXPECT_TRUE(equals_ignoring_case("Content-TYPE", "content-type"));
    EXPECT_TRUE(equals_ignoring_case("", ""));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_FALSE(equals_ignoring_case("[", "{")); // differ by the case bit only
    EXPECT_FALSE(equals_ignoring_case("É", "é"));
}

TEST(text, trims_white_space_on_both_sides_only) {
    EXPECT_EQ(trim(" \t\r\n\v\f a b \n"), "a b");
    EXPECT_EQ(trim("   "), "");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim("a"), "a");
}

struct sequence_case {
    std::string_view bytes;
    std::size_t length;
};

TEST(text, measures_a_utf8_sequence_up_to_every_limit_of_rfc_3629) {
    const sequence_case cases[] = {
        {"", 0},
        {"a", 1},
        {"\x7F", 1},
        {"\x80", 0},
        {"\xC1\xBF", 0},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xC2\x20", 0},
        {"\xC2", 0},
        {"\xE0\x9F\xBF", 0},
        {"\xE0\xA0\x80", 3},
        {"\xED\x9F\xBF", 3},
        {"\xED\xA0\x80", 0},
        {"\xEE\x80\x80", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xE2\x82", 0},
        {"\xE2\x82\x41", 0},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0},
        {"\xF5\x80\x80\x80", 0},
        {"\xF0\x9F\x98", 0},
        {"\xF0\x9F\x98\x80tail", 4},
        {"\xFF", 0},
    };
    for (const auto& [bytes, length] : cases) {
        EXPECT_EQ(utf8_sequence_length(bytes), length) << testing::PrintToString(bytes);
    }
}

TEST(text, counts_code_points) {
    EXPECT_EQ(utf8_length(""), 0U);
    EXPECT_EQ(utf8_length("abc"), 3U);
    EXPECT_EQ(utf8_length("é€😀"), 3U);
    EXPECT_TRUE(is_valid_utf8("é€😀"));
    EXPECT_FALSE(is_valid_utf8("ok\xC3"));
}

TEST(text, suggests_a_close_name_but_not_a_distant_one) {
    constexpr std::array<std::string_view, 3> known{"connection_string", "connector", "options"};
    EXPECT_EQ(did_you_mean("conector", known), "did you mean 'connector'?");
    EXPECT_EQ(did_you_mean("option", known), "did you mean 'options'?");
    EXPECT_EQ(did_you_mean("statement", known), "");
    EXPECT_EQ(did_you_mean("x", {}), "");
    constexpr std::array<std::string_view, 2> short_names{"pg", "cache"};
    EXPECT_EQ(did_you_mean("pgg", short_names), "did you mean 'pg'?");
    EXPECT_EQ(did_you_mean("zz", short_names), "");
}

TEST(text, joins_with_a_separator_between) {
    constexpr std::array<std::string_view, 3> parts{"a", "b", "c"};
    EXPECT_EQ(join(parts), "a, b, c");
    EXPECT_EQ(join(parts, "|"), "a|b|c");
    EXPECT_EQ(join({}), "");
}

TEST(text, keeps_an_empty_first_part_when_joining) {
    constexpr std::array<std::string_view, 2> parts{"", "b"};
    EXPECT_EQ(join(parts, "/"), "/b");
}

} // namespace
} // namespace hyperterse
