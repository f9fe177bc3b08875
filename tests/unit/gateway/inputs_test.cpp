#include "gateway/inputs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <re2/re2.h>

namespace hyperterse::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

input required(std::string name, value_type type) {
    input made{};
    made.name = std::move(name);
    made.type = type;
    return made;
}

input array_of(value_type type) {
    input made = required("x", type);
    made.array = true;
    return made;
}

result<std::vector<value>> validate_json(const std::vector<input>& inputs, std::string_view body) {
    const auto parsed = parse_inputs(body, {});
    EXPECT_TRUE(parsed) << body;
    return validate(inputs, *parsed);
}

// The one value of input 'x' given as `json`.
value accepted(const input& expected, std::string_view json) {
    const auto values = validate_json({expected}, R"({"x":)" + std::string(json) + "}");
    EXPECT_TRUE(values) << json << ": " << (values ? "" : values.error().message());
    return values ? values->front() : value();
}

// Why input 'x' given as `json` is refused; empty when it is accepted.
std::string refused(const input& expected, std::string_view json) {
    const auto values = validate_json({expected}, R"({"x":)" + std::string(json) + "}");
    if (values) {
        return "";
    }
    EXPECT_EQ(values.error().code(), errc::invalid_input);
    EXPECT_EQ(values.error().fields().size(), 1U);
    EXPECT_EQ(values.error().fields().front().field, "x");
    return values.error().fields().front().message;
}

struct accepted_case {
    value_type type;
    std::string_view json;
    value expected;
};

TEST(validate, accepts_every_notation_of_a_type) {
    using namespace std::string_literals;
    const accepted_case cases[] = {
        {value_type::string, R"("a'; DROP TABLE x; --")", "a'; DROP TABLE x; --"s},
        {value_type::string, R"("")", ""s},
        {value_type::string, "5", "5"s},
        {value_type::string, "1.50", "1.50"s},
        {value_type::string, "9007199254740993", "9007199254740993"s},
        {value_type::string, "true", "true"s},
        {value_type::integer, "5", std::int64_t{5}},
        {value_type::integer, "5.0", std::int64_t{5}},
        {value_type::integer, "1e3", std::int64_t{1000}},
        {value_type::integer, R"("20")", std::int64_t{20}},
        {value_type::integer, R"("+20")", std::int64_t{20}},
        {value_type::integer, "9007199254740993", std::int64_t{9007199254740993}},
        {value_type::integer, "9223372036854775807", std::numeric_limits<std::int64_t>::max()},
        {value_type::integer, "-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
        {value_type::integer, R"("9223372036854775807")", std::numeric_limits<std::int64_t>::max()},
        {value_type::floating, "1.5", 1.5},
        {value_type::floating, "1", 1.0},
        {value_type::floating, R"("-2.5e3")", -2500.0},
        {value_type::boolean, "true", true},
        {value_type::boolean, "false", false},
        {value_type::boolean, R"("T")", true},
        {value_type::boolean, R"("False")", false},
        {value_type::boolean, "1", true},
        {value_type::boolean, R"("0")", false},
        {value_type::uuid,
         R"("123E4567-E89B-12D3-A456-426614174000")",
         "123E4567-E89B-12D3-A456-426614174000"s},
        {value_type::datetime, R"("2024-01-15T9:30:00,5+02:00")", "2024-01-15T9:30:00,5+02:00"s},
        {value_type::date, R"("2024-02-29")", "2024-02-29"s},
        {value_type::decimal, "1.10", "1.10"s},
        {value_type::decimal, R"("1e3")", "1000"s},
        {value_type::json, R"({"a":[1.10,null]})", R"({"a":[1.10,null]})"s},
        {value_type::json, R"("text")", R"("text")"s},
    };
    for (const auto& [type, json, expected] : cases) {
        EXPECT_EQ(accepted(required("x", type), json), expected) << json;
    }
}

struct refused_case {
    value_type type;
    std::string_view json;
    std::string_view message;
};

TEST(validate, refuses_in_the_words_of_upstream) {
    const refused_case cases[] = {
        {value_type::integer,
         R"("abc")",
         R"(type validation failed: cannot convert 'abc' to int: strconv.ParseInt: parsing "abc": invalid syntax)"
        },
        {value_type::integer,
         R"("")",
         R"(type validation failed: cannot convert '' to int: strconv.ParseInt: parsing "": invalid syntax)"},
        {value_type::integer,
         "3.9",
         R"(type validation failed: cannot convert '3.9' to int: strconv.ParseInt: parsing "3.9": invalid syntax)"
        },
        {value_type::integer,
         R"("1e3")",
         R"(type validation failed: cannot convert '1e3' to int: strconv.ParseInt: parsing "1e3": invalid syntax)"
        },
        {value_type::integer,
         "9223372036854775808",
         R"(type validation failed: cannot convert '9223372036854775808' to int: strconv.ParseInt: )"
         R"(parsing "9223372036854775808": value out of range)"},
        {value_type::integer,
         R"("-9223372036854775809")",
         R"(type validation failed: cannot convert '-9223372036854775809' to int: strconv.ParseInt: )"
         R"(parsing "-9223372036854775809": value out of range)"},
        {value_type::integer,
         R"("a\"b")",
         R"(type validation failed: cannot convert 'a"b' to int: strconv.ParseInt: parsing "a\"b": invalid syntax)"
        },
        {value_type::integer, "null", "type validation failed: cannot convert <nil> to int"},
        {value_type::integer, "true", "type validation failed: cannot convert bool to int"},
        {value_type::integer, "{}", "type validation failed: cannot convert map[string]interface {} to int"},
        {value_type::integer, "[1]", "type validation failed: cannot convert []interface {} to int"},
        {value_type::floating,
         R"("x")",
         R"(type validation failed: cannot convert 'x' to float: strconv.ParseFloat: parsing "x": invalid syntax)"
        },
        {value_type::floating,
         "1e400",
         R"(type validation failed: cannot convert '1e400' to float: strconv.ParseFloat: parsing "1e400": value out of range)"
        },
        {value_type::floating,
         R"("NaN")",
         R"(type validation failed: cannot convert 'NaN' to float: strconv.ParseFloat: parsing "NaN": invalid syntax)"
        },
        {value_type::floating,
         R"("inf")",
         R"(type validation failed: cannot convert 'inf' to float: strconv.ParseFloat: parsing "inf": invalid syntax)"
        },
        {value_type::floating, "null", "type validation failed: cannot convert <nil> to float"},
        {value_type::boolean,
         R"("yes")",
         R"(type validation failed: cannot convert 'yes' to boolean: strconv.ParseBool: parsing "yes": invalid syntax)"
        },
        {value_type::boolean,
         "2",
         R"(type validation failed: cannot convert '2' to boolean: strconv.ParseBool: parsing "2": invalid syntax)"
        },
        {value_type::boolean, "null", "type validation failed: cannot convert <nil> to boolean"},
        {value_type::datetime,
         R"("2024-02-30")",
         "type validation failed: cannot parse '2024-02-30' as datetime"},
        {value_type::datetime, "5", "type validation failed: cannot convert float64 to datetime"},
        {value_type::date, R"("2023-02-29")", "type validation failed: cannot parse '2023-02-29' as date"},
        {value_type::uuid, R"("x")", "type validation failed: cannot parse 'x' as uuid"},
        {value_type::uuid, "true", "type validation failed: cannot convert bool to uuid"},
        {value_type::decimal,
         R"("1,5")",
         "type validation failed: cannot convert '1,5' to decimal: invalid syntax"},
        {value_type::decimal,
         "1e1000000",
         "type validation failed: cannot convert '1e1000000' to decimal: value out of range"},
        {value_type::string, "null", "type validation failed: cannot convert <nil> to string"},
        {value_type::string, "[]", "type validation failed: cannot convert []interface {} to string"},
        {value_type::json, "null", "type validation failed: cannot convert <nil> to json"},
    };
    for (const auto& [type, json, message] : cases) {
        EXPECT_EQ(refused(required("x", type), json), message);
    }
}

TEST(validate, repeats_at_most_a_hundred_bytes_of_what_a_client_sent_cut_between_code_points) {
    std::string euros;
    for (int index = 0; index < 1'000; ++index) {
        euros += "€";
    }
    const std::string message = refused(required("x", value_type::uuid), '"' + euros + '"');
    EXPECT_EQ(message, "type validation failed: cannot parse '" + euros.substr(0, 99) + "…' as uuid");
    const auto unknown = validate_json({}, "{\"" + euros + "\":1}");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().fields().front().field, euros.substr(0, 99) + "…");
    EXPECT_LT(unknown.error().message().size(), 400U);
}

TEST(validate, reports_every_problem_in_declared_order_then_the_unknown_ones) {
    const std::vector<input> inputs{
        required("a", value_type::string),
        required("b", value_type::integer),
        required("c", value_type::boolean),
        required("d", value_type::integer),
    };
    const auto values = validate_json(inputs, R"({"zz":1,"d":"q","c":true,"yy":2,"b":"x"})");
    ASSERT_FALSE(values);
    std::vector<std::string> fields;
    for (const field_problem& each : values.error().fields()) {
        fields.push_back(each.field);
    }
    EXPECT_THAT(fields, ElementsAre("a", "b", "d", "zz", "yy"));
    EXPECT_EQ(
        values.error().message(),
        "input validation failed: validation error for field 'a': required input 'a' is missing"
    );
    EXPECT_EQ(values.error().fields()[3].message, "unknown input field 'zz'");
}

TEST(validate, bounds_the_number_of_problems_it_reports) {
    std::string body = "{";
    for (int index = 0; index < 1'000; ++index) {
        body += "\"u" + std::to_string(index) + "\":0,";
    }
    body.back() = '}';
    const auto values = validate_json({}, body);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().fields().size(), 100U);
}

TEST(validate, fills_in_defaults_and_keeps_the_declared_order) {
    input limit = required("limit", value_type::integer);
    limit.default_value = std::int64_t{20};
    input note = required("note", value_type::string);
    note.default_value = value();
    const std::vector<input> inputs{limit, note, required("q", value_type::string)};
    const auto values = validate_json(inputs, R"({"q":"x"})");
    ASSERT_TRUE(values);
    EXPECT_THAT(*values, ElementsAre(value(std::int64_t{20}), value(), value(std::string("x"))));
}

TEST(validate, accepts_null_only_where_the_default_is_null) {
    input nullable = required("x", value_type::integer);
    nullable.default_value = value();
    EXPECT_TRUE(is_null(accepted(nullable, "null")));
    nullable.array = true;
    EXPECT_TRUE(is_null(accepted(nullable, "null")));
    input with_default = required("x", value_type::integer);
    with_default.default_value = std::int64_t{1};
    EXPECT_EQ(refused(with_default, "null"), "type validation failed: cannot convert <nil> to int");
}

TEST(validate, turns_a_choice_into_the_index_of_its_word) {
    input sort = required("x", value_type::choice);
    sort.choice_words = {"newest", "name"};
    EXPECT_EQ(accepted(sort, R"("newest")"), value(std::int64_t{0}));
    EXPECT_EQ(accepted(sort, R"("name")"), value(std::int64_t{1}));
    EXPECT_EQ(
        refused(sort, R"("created_at; DROP")"),
        "type validation failed: 'created_at; DROP' is not one of: newest, name"
    );
    EXPECT_EQ(refused(sort, "0"), "type validation failed: cannot convert float64 to choice");
}

TEST(validate, reads_arrays_element_by_element) {
    EXPECT_EQ(
        accepted(array_of(value_type::integer), R"([1,"2",3.0])"),
        value(scalar_array{std::int64_t{1}, std::int64_t{2}, std::int64_t{3}})
    );
    EXPECT_EQ(accepted(array_of(value_type::string), "[]"), value(scalar_array{}));
    EXPECT_EQ(
        refused(array_of(value_type::integer), "1"), "type validation failed: cannot convert float64 to int[]"
    );
    EXPECT_EQ(
        refused(array_of(value_type::integer), R"([1,"x"])"),
        R"(type validation failed: item 2: cannot convert 'x' to int: strconv.ParseInt: parsing "x": invalid syntax)"
    );
    EXPECT_EQ(
        refused(array_of(value_type::integer), "[1,null]"),
        "type validation failed: item 2: cannot convert <nil> to int"
    );
    EXPECT_EQ(
        refused(array_of(value_type::integer), "[[1]]"),
        "type validation failed: item 1: cannot convert []interface {} to int"
    );
}

TEST(validate, checks_every_bound_on_both_sides) {
    input number = required("x", value_type::integer);
    number.bounds.min = std::int64_t{1};
    number.bounds.max = std::int64_t{100};
    EXPECT_EQ(refused(number, "1"), "");
    EXPECT_EQ(refused(number, "100"), "");
    EXPECT_EQ(refused(number, "0"), "must be at least 1");
    EXPECT_EQ(refused(number, "101"), "must be at most 100");

    input amount = required("x", value_type::decimal);
    amount.bounds.min = std::string("0.10");
    amount.bounds.max = std::string("99999999999999999999.99");
    EXPECT_EQ(refused(amount, "0.1"), "");
    EXPECT_EQ(refused(amount, "0.09999"), "must be at least 0.10");
    EXPECT_EQ(refused(amount, "99999999999999999999.99"), "");
    EXPECT_EQ(refused(amount, "99999999999999999999.991"), "must be at most 99999999999999999999.99");

    input since = required("x", value_type::datetime);
    since.bounds.min = std::string("2024-01-01T00:00:00Z");
    EXPECT_EQ(refused(since, R"("2024-01-01T02:00:00+02:00")"), "");
    EXPECT_EQ(refused(since, R"("2024-01-01T01:59:59+02:00")"), "must be at least 2024-01-01T00:00:00Z");
}

TEST(validate, counts_code_points_not_bytes) {
    input word = required("x", value_type::string);
    word.bounds.min_length = 2;
    word.bounds.max_length = 3;
    EXPECT_EQ(refused(word, R"("€€")"), "");
    EXPECT_EQ(refused(word, R"("€€€")"), "");
    EXPECT_EQ(refused(word, R"("€")"), "must be at least 2 characters long");
    EXPECT_EQ(refused(word, R"("€€€€")"), "must be at most 3 characters long");
}

TEST(validate, wants_the_whole_value_to_match_a_pattern) {
    input code = required("x", value_type::string);
    code.bounds.pattern = std::make_shared<const re2::RE2>("[a-z]+|[0-9]+");
    code.bounds.pattern_text = "[a-z]+|[0-9]+";
    EXPECT_EQ(refused(code, R"("abc")"), "");
    EXPECT_EQ(refused(code, R"("12")"), "");
    EXPECT_EQ(refused(code, R"("abc1")"), "must match the pattern '[a-z]+|[0-9]+'");
    EXPECT_EQ(refused(code, R"("abc\n")"), "must match the pattern '[a-z]+|[0-9]+'");
}

TEST(validate, is_not_slowed_down_by_a_pattern_that_backtracks) {
    input code = required("x", value_type::string);
    code.bounds.pattern = std::make_shared<const re2::RE2>("(a+)+$");
    EXPECT_THAT(refused(code, '"' + std::string(50'000, 'a') + "!\""), HasSubstr("must match"));
}

TEST(validate, checks_formats_enums_and_item_counts) {
    input email = required("x", value_type::string);
    email.bounds.format = "email";
    EXPECT_EQ(refused(email, R"("a@b.example")"), "");
    EXPECT_EQ(refused(email, R"("a")"), "must be an email address");
    email.bounds.format = "uri";
    EXPECT_EQ(refused(email, R"("https://a/b")"), "");
    EXPECT_EQ(refused(email, R"("a")"), "must be a URI");

    input role = required("x", value_type::string);
    role.bounds.allowed = {std::string("admin"), std::string("user")};
    EXPECT_EQ(refused(role, R"("user")"), "");
    EXPECT_EQ(refused(role, R"("root")"), "must be one of: admin, user");

    input price = required("x", value_type::decimal);
    price.bounds.allowed = {std::string("1.50")};
    EXPECT_EQ(refused(price, "1.5"), "");

    input ids = array_of(value_type::integer);
    ids.bounds.min_items = 1;
    ids.bounds.max_items = 2;
    ids.bounds.max = std::int64_t{9};
    EXPECT_EQ(refused(ids, "[1]"), "");
    EXPECT_EQ(refused(ids, "[1,2]"), "");
    EXPECT_EQ(refused(ids, "[]"), "must have at least 1 items");
    EXPECT_EQ(refused(ids, "[1,2,3]"), "must have at most 2 items");
    EXPECT_EQ(refused(ids, "[1,10]"), "item 2: must be at most 9");
}

TEST(validate, reads_text_by_the_type_of_the_input) {
    const std::vector<input> inputs{
        required("n", value_type::integer),
        required("s", value_type::string),
        required("j", value_type::json),
        required("b", value_type::boolean),
    };
    const text_inputs given{{"b", "t"}, {"j", R"( {"a": 1.0} )"}, {"n", "5"}, {"s", "5"}};
    const auto values = validate(inputs, given);
    ASSERT_TRUE(values) << values.error().message();
    EXPECT_THAT(
        *values,
        ElementsAre(
            value(std::int64_t{5}), value(std::string("5")), value(std::string(R"({"a":1.0})")), value(true)
        )
    );
}

TEST(validate, takes_a_repeated_name_for_the_elements_of_an_array) {
    const text_inputs given{{"x", "1"}, {"x", "2"}};
    const auto values = validate({array_of(value_type::integer)}, given);
    ASSERT_TRUE(values);
    EXPECT_EQ(values->front(), value(scalar_array{std::int64_t{1}, std::int64_t{2}}));
    const auto twice = validate({required("x", value_type::integer)}, given);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().fields().front().message, "input 'x' is given more than once");
}

TEST(validate, refuses_text_that_no_database_takes) {
    using namespace std::string_literals;
    const std::vector<input> inputs{required("x", value_type::string)};
    const auto not_utf8 = validate(inputs, text_inputs{{"x", "a\xC3"}});
    ASSERT_FALSE(not_utf8);
    EXPECT_EQ(not_utf8.error().fields().front().message, "type validation failed: text is not valid UTF-8");
    const auto with_nul = validate(inputs, text_inputs{{"x", "a\0b"s}});
    ASSERT_FALSE(with_nul);
    EXPECT_EQ(
        with_nul.error().fields().front().message, "type validation failed: text must not contain U+0000"
    );
    const auto not_json = validate({required("x", value_type::json)}, text_inputs{{"x", "{"}});
    ASSERT_FALSE(not_json);
    EXPECT_EQ(not_json.error().fields().front().message, "type validation failed: cannot parse '{' as json");
}

} // namespace
} // namespace hyperterse::gateway
