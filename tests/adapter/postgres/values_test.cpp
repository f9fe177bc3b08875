#include "adapter/postgres/values.hpp"

#include "base/json_text.hpp"
#include "tests/adapter/postgres/shown.hpp"

#include <gtest/gtest.h>
#include <initializer_list>
#include <string>
#include <string_view>

namespace hyperterse::adapter::postgres {
namespace {

using test::shown;

type_ptr type_of(Oid oid) {
    static const type_table types;
    return types.find(oid);
}

std::string as_json(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

struct example {
    Oid type;
    std::string_view text;
    std::string_view json;
};

void expect_shown(std::initializer_list<example> examples) {
    for (const auto& [type, text, json] : examples) {
        EXPECT_EQ(shown(*type_of(type), text), json) << type << ": " << text;
    }
}

constexpr Oid boolean = 16, bytea = 17, quoted_char = 18, int8 = 20, int2 = 21, int4 = 23, text = 25,
              oid = 26;
constexpr Oid json = 114, point = 600, float4 = 700, float8 = 701, money = 790, bpchar = 1042, date = 1082;
constexpr Oid time_of_day = 1083, timestamp = 1114, timestamptz = 1184, interval = 1186, timetz = 1266;
constexpr Oid numeric = 1700, record = 2249, void_type = 2278, uuid = 2950, jsonb = 3802, int4range = 3904;
constexpr Oid json_array = 199, boolean_array = 1000, bytea_array = 1001, int4_array = 1007,
              text_array = 1009;
constexpr Oid int8_array = 1016, box_array = 1020, float8_array = 1022, timestamptz_array = 1185;
constexpr Oid numeric_array = 1231, record_array = 2287, int4range_array = 3905;

TEST(postgres_values, shows_what_json_has_a_type_for) {
    expect_shown({
        {boolean, "t", "true"},
        {boolean, "f", "false"},
        {int2, "-32768", "-32768"},
        {int4, "2147483647", "2147483647"},
        {int8, "9223372036854775807", "9223372036854775807"},
        {int8, "-9223372036854775808", "-9223372036854775808"},
        {oid, "4294967295", "4294967295"},
        {float4, "0.1", "0.1"},
        {float8, "0.1", "0.1"},
        {float8, "-0", "-0"},
        {float8, "1.7976931348623157e+308", "1.7976931348623157e+308"},
        {float8, "5e-324", "5e-324"},
        {float8, "458350659073119200000", "458350659073119200000"},
        {float8, "4.583506590731192e+20", "4.583506590731192e+20"},
        {float8, "NaN", "\"NaN\""},
        {float8, "Infinity", "\"Infinity\""},
        {float4, "-Infinity", "\"-Infinity\""},
        {numeric, "0.10", "0.10"},
        {numeric, "-123456789012345678901234567890.000000001", "-123456789012345678901234567890.000000001"},
        {numeric, "NaN", "\"NaN\""},
        {numeric, "Infinity", "\"Infinity\""},
        {numeric, "-Infinity", "\"-Infinity\""},
        {json, "{\"b\" : 1.50,\n \"a\":[ ] }", "{\"b\" : 1.50,\n \"a\":[ ] }"},
        {jsonb, "null", "null"},
    });
}

TEST(postgres_values, shows_other_types_as_the_text_of_the_server) {
    for (const auto& [type, shown_text] : std::initializer_list<std::pair<Oid, std::string_view>>{
             {text, ""},
             {text, "a\"b\\c\n\u00e9"},
             {bpchar, "padded   "},
             {quoted_char, "x"},
             {money, "-$1,234.50"},
             {uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
             {interval, "P1Y2M-3DT-4H5M6.5S"},
             {point, "(1,2)"},
             {int4range, "[1,5)"},
             {record, "(1,\"a b\",)"},
             {void_type, ""},
             {999'999, "of a type that nobody knows"},
         }) {
        EXPECT_EQ(shown(*type_of(type), shown_text), as_json(shown_text)) << type;
    }
}

TEST(postgres_values, shows_dates_and_times_as_iso_8601) {
    expect_shown({
        {date, "2024-02-29", "\"2024-02-29\""},
        {date, "infinity", "\"infinity\""},
        {date, "0044-03-15 BC", "\"0044-03-15 BC\""},
        {date, "5874897-12-31", "\"5874897-12-31\""},
        {time_of_day, "24:00:00", "\"24:00:00\""},
        {time_of_day, "10:30:00.25", "\"10:30:00.25\""},
        {timetz, "10:30:00.25+02", "\"10:30:00.25+02:00\""},
        {timetz, "10:30:00-03:30", "\"10:30:00-03:30\""},
        {timetz, "24:00:00+00", "\"24:00:00+00:00\""},
        {timetz, "10:30:00.123456-15:59:59", "\"10:30:00.123456-15:59:59\""},
        {timestamp, "2024-01-01 00:00:00", "\"2024-01-01T00:00:00\""},
        {timestamp, "2024-01-01 12:30:00.000001", "\"2024-01-01T12:30:00.000001\""},
        {timestamp, "0044-03-15 12:00:00 BC", "\"0044-03-15T12:00:00 BC\""},
        {timestamp, "294276-12-31 23:59:59.999999", "\"294276-12-31T23:59:59.999999\""},
        {timestamp, "-infinity", "\"-infinity\""},
        {timestamptz, "infinity", "\"infinity\""},
    });
}

TEST(postgres_values, shows_timestamps_with_time_zone_in_utc) {
    expect_shown({
        {timestamptz, "2024-01-01 00:00:00+00", "\"2024-01-01T00:00:00Z\""},
        {timestamptz, "2024-01-01 00:00:00.5+00", "\"2024-01-01T00:00:00.5Z\""},
        {timestamptz, "0044-03-15 00:00:00+00 BC", "\"0044-03-15T00:00:00Z BC\""},
        {timestamptz, "294276-12-31 23:59:59.999999+00", "\"294276-12-31T23:59:59.999999Z\""},
        {timestamptz, "2024-07-01 12:00:00+02", "\"2024-07-01T10:00:00Z\""},
        {timestamptz, "2024-01-01 01:59:59.25+02", "\"2023-12-31T23:59:59.25Z\""},
        {timestamptz, "2023-12-31 20:30:00-03:30", "\"2024-01-01T00:00:00Z\""},
        {timestamptz, "2024-03-01 00:00:00+00:00:01", "\"2024-02-29T23:59:59Z\""},
        {timestamptz, "2023-03-01 00:00:00+00:00:01", "\"2023-02-28T23:59:59Z\""},
        {timestamptz, "1900-03-01 00:00:00+05:30:15", "\"1900-02-28T18:29:45Z\""},
        {timestamptz, "2000-02-28 23:00:00-01", "\"2000-02-29T00:00:00Z\""},
        {timestamptz, "2023-02-28 23:00:00-01", "\"2023-03-01T00:00:00Z\""},
        {timestamptz, "2024-04-30 12:00:00-15:59:59", "\"2024-05-01T03:59:59Z\""},
        {timestamptz, "10000-01-01 00:00:00+01", "\"9999-12-31T23:00:00Z\""},
        {timestamptz, "294277-01-01 00:30:00+01", "\"294276-12-31T23:30:00Z\""},
        {timestamptz, "0001-01-01 00:00:00+01", "\"0001-12-31T23:00:00Z BC\""},
        {timestamptz, "0001-12-31 23:00:00-01 BC", "\"0001-01-01T00:00:00Z\""},
        {timestamptz, "0001-03-01 00:00:00+01 BC", "\"0001-02-29T23:00:00Z BC\""}, // year 0 is a leap year
        {timestamptz, "0002-03-01 00:00:00+01 BC", "\"0002-02-28T23:00:00Z BC\""},
    });
}

TEST(postgres_values, shows_bytes_as_base64) {
    expect_shown({
        {bytea, R"(\x)", "\"\""},
        {bytea, R"(\x00ff10AB)", "\"AP8Qqw==\""},
        {bytea, "", "\"\""},
        {bytea, R"(a\\b\000\377)", "\"YVxiAP8=\""},
        {bytea_array, R"({"\\x00ff",NULL,"\\x"})", R"(["AP8=",null,""])"},
    });
    row_batch batch;
    const cell made = to_cell(*type_of(bytea), R"(\x0001)", {}, batch);
    EXPECT_EQ(made.kind, cell_kind::bytes);
    EXPECT_EQ(made.text, std::string_view("\0\1", 2));
}

TEST(postgres_values, shows_arrays_as_json_arrays) {
    expect_shown({
        {int4_array, "{}", "[]"},
        {int4_array, "{1,NULL,-3}", "[1,null,-3]"},
        {int4_array, "{{1,2},{3,4}}", "[[1,2],[3,4]]"},
        {int4_array, "[2:3]={1,2}", "[1,2]"},
        {int4_array, "[-1:0][2:2]={{1},{2}}", "[[1],[2]]"},
        {int4_array, "{{{{{{7}}}}}}", "[[[[[[7]]]]]]"},
        {text_array, R"({a,"b c","",NULL,"NULL",null})", R"(["a","b c","",null,"NULL","null"])"},
        {text_array, R"({"a\"b","\\","{","}",",","\\\""})", R"(["a\"b","\\","{","}",",","\\\""])"},
        {text_array, "{\"\n\",\"\x01\"}", "[\"\\n\",\"\\u0001\"]"},
        {boolean_array, "{t,f}", "[true,false]"},
        {float8_array, "{1.5,NaN,-Infinity,1e+20}", R"([1.5,"NaN","-Infinity",1e+20])"},
        {numeric_array, "{0.10,NaN}", R"([0.10,"NaN"])"},
        {json_array, R"({"{\"a\": [1, \"x\"]}",null,NULL})", R"([{"a": [1, "x"]},null,null])"},
        {box_array, "{(1,1),(0,0);(2,2),(1,1)}", R"x(["(1,1),(0,0)","(2,2),(1,1)"])x"},
        {timestamptz_array, R"({"2024-01-01 00:00:00+00",infinity})", R"(["2024-01-01T00:00:00Z","infinity"])"
        },
        {record_array, R"x({"(1,2)","(,)"})x", R"x(["(1,2)","(,)"])x"},
        {int4range_array, R"x({"[1,5)",empty})x", R"x(["[1,5)","empty"])x"},
    });
}

type_ptr pair_type() {
    return std::make_shared<type_description>(type_description{
        .name = "pair",
        .shape = value_shape::object,
        .attributes = {{R"("id")", type_of(int4)}, {R"("na\"me")", type_of(text)}}
    });
}

type_ptr array_of(const type_ptr& element) {
    return std::make_shared<type_description>(
        type_description{.name = element->name + "[]", .shape = value_shape::array, .element = element}
    );
}

TEST(postgres_values, shows_composite_values_as_objects) {
    const type_ptr pair = pair_type();
    EXPECT_EQ(shown(*pair, "(1,a)"), R"({"id":1,"na\"me":"a"})");
    EXPECT_EQ(shown(*pair, "(,)"), R"({"id":null,"na\"me":null})");
    EXPECT_EQ(shown(*pair, "(1,\"\")"), R"({"id":1,"na\"me":""})");
    EXPECT_EQ(shown(*pair, R"x((1,"a""b\\c,)"))x"), R"x({"id":1,"na\"me":"a\"b\\c,)"})x");
    EXPECT_EQ(shown(*pair, "(1,NULL)"), R"({"id":1,"na\"me":"NULL"})");

    const type_description nothing{.name = "nothing", .shape = value_shape::object};
    EXPECT_EQ(shown(nothing, "()"), "{}");
    EXPECT_EQ(shown(nothing, "(1)"), as_json("(1)"));

    const type_description one{
        .name = "one", .shape = value_shape::object, .attributes = {{R"("x")", type_of(text)}}
    };
    EXPECT_EQ(shown(one, "()"), R"({"x":null})");
}

TEST(postgres_values, shows_what_composite_values_and_arrays_hold) {
    const type_ptr pair = pair_type();
    EXPECT_EQ(
        shown(*array_of(pair), R"x({"(1,\"a b\")",NULL,"(2,\"x\"\"y\\\\z\")"})x"),
        R"([{"id":1,"na\"me":"a b"},null,{"id":2,"na\"me":"x\"y\\z"}])"
    );
    const type_description outer{
        .name = "outer",
        .shape = value_shape::object,
        .attributes = {{R"("p")", pair}, {R"("n")", type_of(int4_array)}, {R"("t")", type_of(timestamp)}}
    };
    EXPECT_EQ(
        shown(outer, R"x(("(7,""q ,"")","{1,NULL}","2024-01-01 00:00:00"))x"),
        R"({"p":{"id":7,"na\"me":"q ,"},"n":[1,null],"t":"2024-01-01T00:00:00"})"
    );
    EXPECT_EQ(shown(outer, "(,,)"), R"({"p":null,"n":null,"t":null})");
}

TEST(postgres_values, writes_integers_beyond_a_double_as_text_when_asked) {
    const value_options options{.bigint_as_text = true};
    EXPECT_EQ(shown(*type_of(int8), "9007199254740991", options), "9007199254740991");
    EXPECT_EQ(shown(*type_of(int8), "9007199254740992", options), "\"9007199254740992\"");
    EXPECT_EQ(shown(*type_of(int8), "-9007199254740991", options), "-9007199254740991");
    EXPECT_EQ(shown(*type_of(int8), "-9007199254740992", options), "\"-9007199254740992\"");
    EXPECT_EQ(shown(*type_of(int8_array), "{1,9007199254740993}", options), "[1,\"9007199254740993\"]");
    EXPECT_EQ(shown(*type_of(numeric), "9007199254740993", options), "9007199254740993");
}

TEST(postgres_values, writes_decimals_as_text_when_asked) {
    const value_options options{.decimals_as_text = true};
    EXPECT_EQ(shown(*type_of(numeric), "1.50", options), "\"1.50\"");
    EXPECT_EQ(shown(*type_of(numeric_array), "{1.50,NULL}", options), "[\"1.50\",null]");
    EXPECT_EQ(shown(*type_of(int8), "9007199254740993", options), "9007199254740993");
}

TEST(postgres_values, shows_text_that_the_type_cannot_have_as_it_is) {
    for (const auto& [type, wrong] : std::initializer_list<std::pair<Oid, std::string_view>>{
             {boolean, "true"},
             {boolean, ""},
             {int4, ""},
             {int4, "1x"},
             {int4, "+1"},
             {int8, "9223372036854775808"},
             {float8, ""},
             {float8, "1e"},
             {float8, "1e+"},
             {float8, "1e5x"},
             {float8, "1e1000"},
             {float8, "e5"},
             {float8, "1,5"},
             {numeric, ""},
             {numeric, "-"},
             {numeric, "."},
             {numeric, "1."},
             {numeric, ".5"},
             {numeric, "01"},
             {numeric, "1.5.2"},
             {json, ""},
             {bytea, R"(\x0)"},
             {bytea, R"(\xzz)"},
             {bytea, R"(\)"},
             {bytea, R"(\12)"},
             {bytea, R"(\400)"},
             {bytea, R"(\089)"},
             {timestamp, ""},
             {timestamp, " "},
             {timestamp, "2024-01-01 "},
             {timestamp, "2024-01-01"},
             {timestamptz, "+00"},
             {timestamptz, "2024-01-01 00:00:00"},
             {timestamptz, "2024-01-01 00:00:00+"},
             {timestamptz, "2024-01-01 00:00:00+2"},
             {timestamptz, "2024-01-01 00:00:00+02:"},
             {timestamptz, "2024-01-01 00:00:00+02 AD"},
             {timestamptz, "2024-01-01 00:00:00.+02"},
             {timestamptz, "2024-13-01 00:00:00+02"},
             {timestamptz, "2024-00-01 00:00:00+02"},
             {timestamptz, "2024-01-01 25:00:00+02"},
             {timestamptz, "0000-01-01 00:00:00+02"},
             {timestamptz, "99999999-01-01 00:00:00+02"},
             {timetz, "10:30:00"},
             {timetz, "10:30:00+2"},
             {timetz, "+02"},
             {int4_array, ""},
             {int4_array, "{"},
             {int4_array, "}"},
             {int4_array, "{1"},
             {int4_array, "{1,}"},
             {int4_array, "{,1}"},
             {int4_array, "{1}}"},
             {int4_array, "{{1}"},
             {int4_array, "{1}2"},
             {int4_array, "[1:2]{1,2}"},
             {int4_array, "[1:2"},
             {int4_array, "[a]={1}"},
             {int4_array, "{{{{{{{1}}}}}}}"},
             {text_array, R"({")"},
             {text_array, R"({"a)"},
             {text_array, R"({"a\)"},
             {text_array, R"({"a"b})"},
             {text_array, R"({a"b"})"},
             {text_array, R"({a\b})"},
             {box_array, "{(1,1),(0,0);}"},
         }) {
        EXPECT_EQ(shown(*type_of(type), wrong), as_json(wrong)) << type;
    }
    for (const char* const wrong :
         {"", "(", "(1", "(1,", "(1,a", "(1)", "(1,a,b)", "1,a)", "(1,a))", "(1,\"a)", "(1,\"a\"b)", "(1,(a)"
         }) {
        EXPECT_EQ(shown(*pair_type(), wrong), as_json(wrong));
    }
}

TEST(postgres_values, shows_only_the_part_that_is_wrong_as_it_is) {
    EXPECT_EQ(shown(*type_of(int4_array), "{1,x,}"), as_json("{1,x,}"));
    EXPECT_EQ(shown(*type_of(int4_array), "{1,x}"), R"([1,"x"])");
    EXPECT_EQ(shown(*type_of(int4_array), "{1;2}"), R"(["1;2"])");
    EXPECT_EQ(shown(*array_of(pair_type()), R"x({"(1)","(1,a)"})x"), R"x(["(1)",{"id":1,"na\"me":"a"}])x");
}

TEST(postgres_values, shows_types_nested_in_each_other) {
    type_ptr type = type_of(text);
    std::string server = "a\"b\\c";
    std::string expected = as_json(server);
    for (int level = 0; level < 10; ++level) {
        type = std::make_shared<type_description>(
            type_description{.name = "t", .shape = value_shape::object, .attributes = {{R"("a")", type}}}
        );
        std::string doubled;
        for (const char each : server) {
            doubled += each == '"' || each == '\\' ? std::string(2, each) : std::string(1, each);
        }
        server = "(\"" + doubled + "\")";
        expected = "{\"a\":" + expected + "}";
    }
    EXPECT_EQ(shown(*type, server), expected);
    for (const std::string& wrong : {std::string(100'000, '('), std::string(100'000, '"')}) {
        EXPECT_EQ(shown(*type, wrong), as_json(wrong));
    }
    EXPECT_EQ(shown(*type_of(text_array), std::string(100'000, '{')), as_json(std::string(100'000, '{')));
}

TEST(postgres_values, copies_text_into_the_batch) {
    row_batch batch;
    for (const auto& [type, text_of_server, kept] :
         {example{text, "a text longer than any small buffer", "a text longer than any small buffer"},
          example{timestamptz, "2024-01-01 00:00:00+00", "2024-01-01T00:00:00Z"},
          example{int4_array, "{1,2}", "[1,2]"},
          example{numeric, "1.50", "1.50"}}) {
        std::string server(text_of_server);
        const cell made = to_cell(*type_of(type), server, {}, batch);
        server.assign(server.size(), '?');
        EXPECT_EQ(made.text, kept);
    }
    EXPECT_GT(batch.byte_count(), 0U);
}

} // namespace
} // namespace hyperterse::adapter::postgres
