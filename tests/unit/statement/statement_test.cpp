#include "statement/statement.hpp"

#include <gtest/gtest.h>
#include <type_traits>

namespace hyperterse::statement {
namespace {

// Text of a request cannot become statement text: there is no conversion, and no constructor to call.
template <class Text>
constexpr bool makes_no_statement =
    !std::is_constructible_v<sql_text, Text> && !std::is_convertible_v<Text, sql_text> &&
    !std::is_assignable_v<sql_text&, Text> && !std::is_constructible_v<statement, Text>;

static_assert(makes_no_statement<std::string>);
static_assert(makes_no_statement<std::string&>);
static_assert(makes_no_statement<const std::string&>);
static_assert(makes_no_statement<std::string_view>);
static_assert(makes_no_statement<const char*>);
static_assert(makes_no_statement<char*>);
static_assert(!std::is_default_constructible_v<sql_text>);
static_assert(!std::is_default_constructible_v<statement>);

template <class Text>
concept builds_statement = requires(Text text) { statement{text, std::vector<parameter>{}, effect::read}; };
static_assert(!builds_statement<std::string>);
static_assert(!builds_statement<std::string_view>);
static_assert(!builds_statement<const char*>);
static_assert(builds_statement<sql_text>);

// What there is of it can only be copied and looked at.
template <class Text>
concept changes_text = requires(sql_text made, Text text) { made = text; };
static_assert(!changes_text<std::string>);
static_assert(std::is_same_v<decltype(std::declval<sql_text&>().view()), std::string_view>);

TEST(sql_text, is_made_by_the_compiler_only) {
    EXPECT_FALSE((std::is_constructible_v<sql_text, std::string>));
    EXPECT_TRUE(std::is_copy_constructible_v<sql_text>);
}

} // namespace
} // namespace hyperterse::statement
