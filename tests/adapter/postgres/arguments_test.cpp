#include "adapter/postgres/arguments.hpp"

#include "tests/adapter/postgres/shown.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperterse::adapter::postgres {
namespace {

using namespace std::string_literals;

TEST(postgres_arguments, are_sent_as_text) {
    struct example {
        value argument;
        std::string_view text;
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const auto& [argument, text] : {
             example{true, "true"},
             example{false, "false"},
             example{std::int64_t{0}, "0"},
             example{std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
             example{std::numeric_limits<std::int64_t>::max(), "9223372036854775807"},
             example{0.1, "0.1"},
             example{5.0, "5"},
             example{-0.0, "-0"},
             example{1.7976931348623157e308, "1.7976931348623157e+308"},
             example{5e-324, "5e-324"},
             example{std::numeric_limits<double>::quiet_NaN(), "NaN"},
             example{infinity, "Infinity"},
             example{-infinity, "-Infinity"},
             example{""s, ""},
             example{"'; DROP TABLE x; --"s, "'; DROP TABLE x; --"},
             example{
                 "a text that is longer than any small buffer"s, "a text that is longer than any small buffer"
             },
             example{scalar_array{}, "{}"},
             example{scalar_array{std::int64_t{1}, std::monostate(), std::int64_t{-2}}, "{1,NULL,-2}"},
             example{scalar_array{true, false}, "{true,false}"},
             example{scalar_array{0.5, infinity, std::nan("")}, "{0.5,Infinity,NaN}"},
             example{scalar_array{""s, "NULL"s, "null"s, " a "s}, R"({"","NULL","null"," a "})"},
             example{
                 scalar_array{"a\"b"s, "\\"s, "\\\""s, "{"s, "}"s, ","s},
                 R"({"a\"b","\\","\\\"","{","}",","})"
             },
             example{scalar_array{"\n\t\x01"s, "\u00e9"s}, "{\"\n\t\x01\",\"\u00e9\"}"},
         }) {
        const auto bound = bound_arguments::bind({argument});
        ASSERT_TRUE(bound) << text;
        ASSERT_EQ(bound->size(), 1U);
        EXPECT_EQ(std::string_view(bound->values()[0]), text);
    }
}

TEST(postgres_arguments, are_null_pointers_for_null) {
    const auto bound = bound_arguments::bind({std::monostate(), std::int64_t{1}, std::monostate()});
    ASSERT_TRUE(bound);
    ASSERT_EQ(bound->size(), 3U);
    EXPECT_EQ(bound->values()[0], nullptr);
    EXPECT_STREQ(bound->values()[1], "1");
    EXPECT_EQ(bound->values()[2], nullptr);
}

TEST(postgres_arguments, may_be_none) {
    const auto bound = bound_arguments::bind({});
    ASSERT_TRUE(bound);
    EXPECT_EQ(bound->size(), 0U);
}

TEST(postgres_arguments, stay_where_they_are_when_moved) {
    for (const std::size_t count : {1U, 6U, 7U, 100U}) {
        std::vector<value> arguments;
        for (std::size_t index = 0; index < count; ++index) {
            arguments.emplace_back(static_cast<std::int64_t>(index));
        }
        auto bound = bound_arguments::bind(std::move(arguments));
        ASSERT_TRUE(bound);
        bound_arguments first = *std::move(bound);
        const bound_arguments second = std::move(first);
        ASSERT_EQ(second.size(), count);
        for (std::size_t index = 0; index < count; ++index) {
            EXPECT_EQ(second.values()[index], std::to_string(index));
        }
    }
}

TEST(postgres_arguments, refuse_a_nul_character) {
    for (const value& argument : {value("a\0b"s), value("\0"s), value(scalar_array{"x"s, "a\0"s})}) {
        const auto bound = bound_arguments::bind({std::int64_t{1}, argument});
        ASSERT_FALSE(bound);
        EXPECT_EQ(bound.error().code(), errc::invalid_input);
        EXPECT_NE(bound.error().message().find("NUL"), std::string::npos);
    }
}

TEST(postgres_arguments, come_back_as_they_were_from_the_text_of_an_array) {
    const scalar_array hostile{
        "'\"`"s,
        "\\\\\"\\"s,
        "{}{}"s,
        "},{"s,
        "NULL"s,
        ""s,
        " "s,
        "\x7f\x01\r\n"s,
        "$1 :x ?"s,
        "\u2028\U0001F600"s
    };
    const auto bound = bound_arguments::bind({hostile});
    ASSERT_TRUE(bound);
    const scalar_array numbers{std::int64_t{-1}, std::monostate(), 1e300};
    const auto bound_numbers = bound_arguments::bind({numbers});
    ASSERT_TRUE(bound_numbers);

    std::string json = "[";
    row_batch batch;
    for (const scalar& item : hostile) {
        json += json.size() > 1 ? "," : "";
        append_json(json, cell::of(cell_kind::text, std::get<std::string>(item)));
    }
    const type_table types;
    EXPECT_EQ(test::shown(*types.find(1009), bound->values()[0]), json + "]");
    EXPECT_EQ(test::shown(*types.find(1022), bound_numbers->values()[0]), "[-1,null,1e+300]");
}

TEST(postgres_arguments, have_a_type_for_each_type_of_an_input) {
    struct example {
        value_type type;
        std::string_view name;
    };
    const type_table types;
    for (const auto& [type, expected] : {
             example{value_type::string, "text"},
             example{value_type::integer, "bigint"},
             example{value_type::floating, "double precision"},
             example{value_type::boolean, "boolean"},
             example{value_type::uuid, "uuid"},
             example{value_type::datetime, "timestamp with time zone"},
             example{value_type::date, "date"},
             example{value_type::decimal, "numeric"},
             example{value_type::json, "json"},
         }) {
        EXPECT_EQ(types.find(declared_type({.input = 0, .type = type}))->name, expected);
        EXPECT_EQ(
            types.find(declared_type({.input = 0, .type = type, .array = true}))->name,
            std::string(expected) + "[]"
        );
    }
}

} // namespace
} // namespace hyperterse::adapter::postgres
