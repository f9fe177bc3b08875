#include "adapter/sqlite/values.hpp"

#include "adapter/sqlite/errors.hpp"
#include "adapter/sqlite/json_check.hpp"

#include <gtest/gtest.h>
#include <string>

namespace hyperterse::adapter::sqlite {
namespace {

TEST(sqlite_values, binds_decimals_as_the_number_that_is_written_the_same_way) {
    struct example {
        std::string_view decimal;
        std::variant<std::monostate, std::int64_t, double> number;
    };
    for (const auto& [decimal, number] : {
             example{"0", std::int64_t{0}},
             example{"-0", std::int64_t{0}},
             example{"-0.00", std::int64_t{0}},
             example{"42", std::int64_t{42}},
             example{"+42.000", std::int64_t{42}},
             example{"0042", std::int64_t{42}},
             example{"9223372036854775807", std::int64_t{9'223'372'036'854'775'807}},
             example{"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
             example{"0.1", 0.1},
             example{".5", 0.5},
             example{"-12.50", -12.5},
             example{"9223372036854775808", 9223372036854775808.0},
             example{"9223372036854775809", std::monostate()},
             example{"0.10000000000000000001", std::monostate()},
             example{"12345678901234567890.12", std::monostate()},
             example{"1e5", std::monostate()},
             example{"", std::monostate()},
             example{".", std::monostate()},
             example{"-", std::monostate()},
             example{"1.2.3", std::monostate()},
             example{"NaN", std::monostate()},
         }) {
        EXPECT_EQ(exact_number(decimal), number) << decimal;
    }
    EXPECT_EQ(exact_number(std::string(400, '9')), (std::variant<std::monostate, std::int64_t, double>()));
}

TEST(sqlite_values, writes_arrays_as_json) {
    struct example {
        value_type type;
        scalar_array items;
        std::string json;
    };
    for (const auto& [type, items, json] : {
             example{value_type::integer, {}, "[]"},
             example{value_type::integer, {std::int64_t{1}, std::int64_t{-2}}, "[1,-2]"},
             example{value_type::string, {std::string("a\"b\\\n"), std::monostate()}, R"(["a\"b\\\n",null])"},
             example{value_type::boolean, {true, false}, "[true,false]"},
             example{value_type::floating, {0.5, 1e300, 5.0, -0.0}, "[0.5,1e+300,5.0,-0.0]"},
             example{
                 value_type::decimal,
                 {std::string("1.50"), std::string("0.10000000000000000001")},
                 R"([1.5,"0.10000000000000000001"])"
             },
             example{value_type::json, {std::string(R"({"a":1})"), std::string("null")}, R"([{"a":1},null])"},
         }) {
        std::vector<value> arguments{items};
        const statement::parameter parameter{.input = 0, .type = type, .array = true};
        encode_arrays(arguments, {&parameter, 1});
        EXPECT_EQ(arguments[0], value(json));
    }
}

TEST(sqlite_values, knows_declared_types_in_any_case) {
    EXPECT_EQ(rule_of("boolean"), column_rule::boolean);
    EXPECT_EQ(rule_of("Bool"), column_rule::boolean);
    EXPECT_EQ(rule_of("JSON"), column_rule::json);
    EXPECT_EQ(rule_of("jsonb"), column_rule::json);
    for (const char* const other : {"INTEGER", "TEXT", "DATETIME", "BOOLEANS", ""}) {
        EXPECT_EQ(rule_of(other), column_rule::as_stored);
    }
    EXPECT_EQ(rule_of(nullptr), column_rule::as_stored);
}

TEST(json_check, tells_json_from_text) {
    for (const std::string_view good : {"{}", "[]", " [1, 2.5e3, \"x\", null, true]\n", "\"\\u00e9\"", "0"}) {
        EXPECT_TRUE(is_json(good)) << good;
    }
    for (const std::string_view bad :
         {"", " ", "{", "{a:1}", "[1,]", "01", "'x'", "{} {}", "\"\x01\"", "\"\xFF\"", "NaN", "// c\n1"}) {
        EXPECT_FALSE(is_json(bad)) << bad;
    }
    EXPECT_TRUE(is_json(std::string(1'000, '[') + std::string(1'000, ']')));
    EXPECT_FALSE(is_json(std::string(1'001, '[') + std::string(1'001, ']')));
}

TEST(sqlite_errors, map_exact_codes_before_their_class) {
    struct example {
        int code;
        errc expected;
    };
    for (const auto& [code, expected] : {
             example{SQLITE_CONSTRAINT_UNIQUE, errc::conflict},
             example{SQLITE_CONSTRAINT_PRIMARYKEY, errc::conflict},
             example{SQLITE_CONSTRAINT_FOREIGNKEY, errc::conflict},
             example{SQLITE_CONSTRAINT_CHECK, errc::conflict},
             example{SQLITE_CONSTRAINT_NOTNULL, errc::conflict},
             example{SQLITE_CONSTRAINT_TRIGGER, errc::conflict},
             example{SQLITE_CONSTRAINT, errc::conflict},
             example{SQLITE_CONSTRAINT_DATATYPE, errc::invalid_input},
             example{SQLITE_TOOBIG, errc::invalid_input},
             example{SQLITE_MISMATCH, errc::invalid_input},
             example{SQLITE_RANGE, errc::invalid_input},
             example{SQLITE_BUSY, errc::overloaded},
             example{SQLITE_BUSY_SNAPSHOT, errc::overloaded},
             example{SQLITE_LOCKED, errc::overloaded},
             example{SQLITE_FULL, errc::unavailable},
             example{SQLITE_IOERR_READ, errc::unavailable},
             example{SQLITE_IOERR_NOMEM, errc::internal},
             example{SQLITE_CANTOPEN, errc::unavailable},
             example{SQLITE_CORRUPT_INDEX, errc::unavailable},
             example{SQLITE_NOTADB, errc::unavailable},
             example{SQLITE_READONLY, errc::internal},
             example{SQLITE_AUTH, errc::internal},
             example{SQLITE_ERROR, errc::internal},
             example{SQLITE_NOMEM, errc::internal},
             example{SQLITE_MISUSE, errc::internal},
         }) {
        const error mapped = failure(code, "secret driver text");
        EXPECT_EQ(mapped.code(), expected) << code;
        EXPECT_EQ(mapped.message().find("secret"), std::string::npos);
        EXPECT_NE(mapped.detail().for_log().find("secret driver text"), std::string::npos);
        EXPECT_EQ(mapped.retry_after().has_value(), info(expected).retryable);
    }
}

TEST(sqlite_errors, hint_at_the_effect_of_a_write_in_a_read_session) {
    EXPECT_NE(failure(SQLITE_READONLY, "x").detail().for_log().find("'effect: write'"), std::string::npos);
}

} // namespace
} // namespace hyperterse::adapter::sqlite
