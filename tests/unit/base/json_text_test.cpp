#include "base/json_text.hpp"

#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>

namespace hyperterse {
namespace {

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

template <class Number>
std::string json_number(Number number) {
    std::string out;
    append_json_number(out, number);
    return out;
}

struct string_case {
    std::string_view text;
    std::string_view json;
};

TEST(json_text, escapes_what_json_requires_and_nothing_else) {
    using namespace std::string_view_literals;
    const string_case cases[] = {
        {"", R"("")"},
        {"plain", R"("plain")"},
        {"quote\" backslash\\ slash/", R"("quote\" backslash\\ slash/")"},
        {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
        {"\0"sv, R"("\u0000")"},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
        {"<>&", R"("<>&")"},
        {"é€😀", R"("é€😀")"},
        {"\xEF\xBF\xBF", "\"\xEF\xBF\xBF\""},
    };
    for (const auto& [text, json] : cases) {
        EXPECT_EQ(json_string(text), json);
    }
}

TEST(json_text, replaces_each_byte_that_is_not_utf8) {
    const string_case cases[] = {
        {"\x80", "\"\uFFFD\""},
        {"a\xC3", "\"a\uFFFD\""},
        {"\xC0\xAF", "\"\uFFFD\uFFFD\""},
        {"\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\""},
        {"\xF5\x80\x80\x80z", "\"\uFFFD\uFFFD\uFFFD\uFFFDz\""},
        {"\xE2\x82\"", "\"\uFFFD\uFFFD\\\"\""},
    };
    for (const auto& [text, json] : cases) {
        EXPECT_EQ(json_string(text), json);
    }
}

TEST(json_text, escapes_each_byte_wherever_it_stands) {
    constexpr std::size_t longest = 20;
    for (int byte = 0; byte < 0x100; ++byte) {
        const std::string alone = json_string(std::string(1, static_cast<char>(byte)));
        const std::string shown = alone.substr(1, alone.size() - 2);
        for (std::size_t before = 0; before < longest; ++before) {
            const std::string start(before, 'a');
            const std::string end(longest - before, 'b');
            EXPECT_EQ(json_string(start + static_cast<char>(byte) + end), '"' + start + shown + end + '"')
                << "byte " << byte << " after " << before;
        }
    }
}

TEST(json_text, appends_to_what_is_there) {
    std::string out = "[";
    append_json_string(out, "a");
    append_json_number(out, std::int64_t{7});
    EXPECT_EQ(out, "[\"a\"7");
}

TEST(json_text, writes_every_digit_of_an_integer) {
    EXPECT_EQ(json_number(std::int64_t{0}), "0");
    EXPECT_EQ(json_number(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(json_number(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
    EXPECT_EQ(json_number(std::int64_t{9007199254740993}), "9007199254740993");
}

TEST(json_text, writes_a_double_that_reads_back_the_same) {
    for (const double number :
         {0.0,
          0.1,
          1.0 / 3,
          1e21,
          1e-7,
          123456789.125,
          5e-324,
          std::numeric_limits<double>::max(),
          std::numeric_limits<double>::min(),
          -2.5}) {
        EXPECT_EQ(std::strtod(json_number(number).c_str(), nullptr), number);
    }
    EXPECT_EQ(json_number(1.0), "1");
    EXPECT_EQ(json_number(-2.5), "-2.5");
}

TEST(json_text, writes_what_json_has_no_number_for_as_strings) {
    EXPECT_EQ(json_number(std::nan("")), "\"NaN\"");
    EXPECT_EQ(json_number(HUGE_VAL), "\"Infinity\"");
    EXPECT_EQ(json_number(-HUGE_VAL), "\"-Infinity\"");
}

} // namespace
} // namespace hyperterse
