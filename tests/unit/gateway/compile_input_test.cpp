#include "config/model.hpp"
#include "gateway/inputs.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperterse::gateway {
namespace {

using config::input_config;
using config::literal;

constexpr std::size_t default_line = 7;
constexpr std::size_t constraint_line = 8;

location on(std::size_t line) {
    return {"c.terse", line, 1};
}

literal of(literal::kind kind, std::string text, std::size_t line) {
    literal made{};
    made.type = kind;
    made.text = std::move(text);
    made.where = on(line);
    return made;
}

literal number(std::string text, std::size_t line = constraint_line) {
    return of(literal::kind::number, std::move(text), line);
}

literal text(std::string content, std::size_t line = constraint_line) {
    return of(literal::kind::string, std::move(content), line);
}

template <class T>
config::located<T> located(T content, std::size_t line = constraint_line) {
    config::located<T> made{};
    made.value = std::move(content);
    made.where = on(line);
    return made;
}

input_config written(value_type type) {
    input_config made{};
    made.name = located(std::string("x"), 1);
    made.type = located(type, 2);
    return made;
}

input_config with_default(value_type type, literal content) {
    input_config made = written(type);
    made.default_value = std::move(content);
    made.default_value->where = on(default_line);
    return made;
}

input compiled(const input_config& from) {
    diagnostics found;
    input made = compile_input(from, found);
    EXPECT_EQ(to_text(found), "");
    return made;
}

TEST(compile_input, makes_an_input_without_default_required) {
    const input plain = compiled(written(value_type::integer));
    EXPECT_EQ(plain.name, "x");
    EXPECT_TRUE(plain.required);
    EXPECT_FALSE(plain.default_value);
}

TEST(compile_input, converts_defaults_as_upstream_does) {
    using namespace std::string_literals;
    EXPECT_EQ(compiled(with_default(value_type::integer, text("20"))).default_value, value(std::int64_t{20}));
    EXPECT_EQ(
        compiled(with_default(value_type::integer, number("20"))).default_value, value(std::int64_t{20})
    );
    EXPECT_EQ(
        compiled(with_default(value_type::integer, number("1e3"))).default_value, value(std::int64_t{1000})
    );
    EXPECT_EQ(compiled(with_default(value_type::floating, number("3.14"))).default_value, value(3.14));
    EXPECT_EQ(compiled(with_default(value_type::string, number("5"))).default_value, value("5"s));
    EXPECT_EQ(
        compiled(with_default(value_type::boolean, of(literal::kind::boolean, "True", 1))).default_value,
        value(true)
    );
    EXPECT_EQ(compiled(with_default(value_type::boolean, text("f"))).default_value, value(false));
    EXPECT_EQ(
        compiled(with_default(value_type::json, text("{\"a\": 1}"))).default_value, value("{\"a\":1}"s)
    );
    EXPECT_EQ(compiled(with_default(value_type::json, number("1.5"))).default_value, value("1.5"s));
    EXPECT_FALSE(compiled(with_default(value_type::integer, text("20"))).required);
}

TEST(compile_input, takes_null_for_a_default_of_null) {
    const input nullable = compiled(with_default(value_type::integer, of(literal::kind::null, "", 1)));
    ASSERT_TRUE(nullable.default_value);
    EXPECT_TRUE(is_null(*nullable.default_value));
    EXPECT_FALSE(nullable.required);
}

TEST(compile_input, converts_the_items_of_an_array_default) {
    input_config from = with_default(value_type::integer, of(literal::kind::list, "", 1));
    from.array = true;
    from.default_value->items = {number("1"), text("2")};
    EXPECT_EQ(compiled(from).default_value, value(scalar_array{std::int64_t{1}, std::int64_t{2}}));
    from.default_value->items.clear();
    EXPECT_EQ(compiled(from).default_value, value(scalar_array{}));
}

TEST(compile_input, turns_the_default_of_a_choice_into_its_index) {
    input_config from = with_default(value_type::choice, text("name"));
    from.choices = {
        {located(std::string("newest")), located(std::string("created_at DESC"))},
        {located(std::string("name")), located(std::string("name ASC"))}
    };
    const input made = compiled(from);
    EXPECT_THAT(made.choice_words, testing::ElementsAre("newest", "name"));
    EXPECT_EQ(made.default_value, value(std::int64_t{1}));
}

TEST(compile_input, bounds_the_length_of_text_unless_told_otherwise) {
    EXPECT_EQ(compiled(written(value_type::string)).bounds.max_length, 65'536U);
    EXPECT_FALSE(compiled(written(value_type::integer)).bounds.max_length);
    input_config from = written(value_type::string);
    from.max_length = located(std::size_t{10});
    EXPECT_EQ(compiled(from).bounds.max_length, 10U);
    from.max_length.reset();
    from.min_length = located(std::size_t{100'000});
    EXPECT_EQ(compiled(from).bounds.max_length, 100'000U);
}

TEST(compile_input, accepts_the_default_length_limit_and_not_one_more) {
    const std::vector<input> inputs{compiled(written(value_type::string))};
    const auto given = [&](std::size_t length) {
        return validate(inputs, text_inputs{{"x", std::string(length, 'a')}}).has_value();
    };
    EXPECT_TRUE(given(65'536));
    EXPECT_FALSE(given(65'537));
}

struct refused_case {
    std::string_view name;
    value_type type;
    std::function<void(input_config&)> change;
    std::string_view diagnostic;
};

TEST(compile_input, reports_each_mistake_at_its_place) {
    const refused_case cases[] = {
        {"default of another type",
         value_type::integer,
         [](input_config& x) { x.default_value = text("twenty", default_line); },
         "c.terse:7:1: error: input 'x': invalid default value: cannot convert 'twenty' to int: "
         "strconv.ParseInt: parsing \"twenty\": invalid syntax\n"},
        {"boolean word that upstream refuses",
         value_type::boolean,
         [](input_config& x) { x.default_value = text("yes", default_line); },
         "c.terse:7:1: error: input 'x': invalid default value: cannot convert 'yes' to boolean: "
         "strconv.ParseBool: parsing \"yes\": invalid syntax\n"},
        {"default out of its bounds",
         value_type::integer,
         [](input_config& x) {
             x.max = number("5");
             x.default_value = number("6", default_line);
         },
         "c.terse:7:1: error: input 'x': invalid default value: must be at most 5\n"},
        {"list for a single value",
         value_type::integer,
         [](input_config& x) { x.default_value = of(literal::kind::list, "", default_line); },
         "c.terse:7:1: error: input 'x': invalid default value: cannot convert []interface {} to int\n"},
        {"single value for an array",
         value_type::integer,
         [](input_config& x) {
             x.array = true;
             x.default_value = number("1", default_line);
         },
         "c.terse:7:1: error: input 'x': invalid default value: cannot convert float64 to int[]\n"},
        {"json that is none",
         value_type::json,
         [](input_config& x) { x.default_value = text("{", default_line); },
         "c.terse:7:1: error: input 'x': invalid default value: cannot parse '{' as json\n"},
        {"secret default",
         value_type::integer,
         [](input_config& x) {
             x.default_value = text("hunter2", default_line);
             x.default_value->secret = true;
         },
         "c.terse:7:1: error: input 'x': invalid default value: it does not fit the type or its bounds\n"},
        {"optional without default",
         value_type::integer,
         [](input_config& x) { x.optional = true; },
         "c.terse:1:1: error: input 'x': an optional input needs a 'default'\n"
         "  hint: write 'default: null' to bind NULL when it is not given\n"},
        {"max below min",
         value_type::decimal,
         [](input_config& x) {
             x.min = number("1.5");
             x.max = number("1.49");
         },
         "c.terse:8:1: error: input 'x': 'max' is less than 'min'\n"},
        {"min of another type",
         value_type::date,
         [](input_config& x) { x.min = text("yesterday"); },
         "c.terse:8:1: error: input 'x': invalid 'min': cannot parse 'yesterday' as date\n"},
        {"min on text",
         value_type::string,
         [](input_config& x) { x.min = number("1"); },
         "c.terse:8:1: error: input 'x': 'min' does not apply to the type string\n"},
        {"length on a number",
         value_type::integer,
         [](input_config& x) { x.min_length = located(std::size_t{1}); },
         "c.terse:8:1: error: input 'x': 'min_length' does not apply to the type int\n"},
        {"max_length below min_length",
         value_type::string,
         [](input_config& x) {
             x.min_length = located(std::size_t{2});
             x.max_length = located(std::size_t{1});
         },
         "c.terse:8:1: error: input 'x': 'max_length' is less than 'min_length'\n"},
        {"items of a single value",
         value_type::integer,
         [](input_config& x) { x.max_items = located(std::size_t{1}); },
         "c.terse:8:1: error: input 'x': 'max_items' does not apply to the type int\n"},
        {"max_items below min_items",
         value_type::integer,
         [](input_config& x) {
             x.array = true;
             x.min_items = located(std::size_t{2});
             x.max_items = located(std::size_t{1});
         },
         "c.terse:8:1: error: input 'x': 'max_items' is less than 'min_items'\n"},
        {"pattern that is not linear",
         value_type::string,
         [](input_config& x) { x.pattern = located(std::string("(a)\\1")); },
         "c.terse:8:1: error: input 'x': invalid 'pattern': invalid escape sequence: \\1\n"},
        {"pattern on a number",
         value_type::integer,
         [](input_config& x) { x.pattern = located(std::string("a")); },
         "c.terse:8:1: error: input 'x': 'pattern' does not apply to the type int\n"},
        {"unknown format",
         value_type::string,
         [](input_config& x) { x.format = located(std::string("ipv4")); },
         "c.terse:8:1: error: input 'x': 'format' is either email or uri\n"},
        {"enum member of another type",
         value_type::integer,
         [](input_config& x) { x.allowed = {number("1"), text("two")}; },
         "c.terse:8:1: error: input 'x': invalid 'enum': cannot convert 'two' to int: "
         "strconv.ParseInt: parsing \"two\": invalid syntax\n"},
        {"enum of json",
         value_type::json,
         [](input_config& x) { x.allowed = {number("1")}; },
         "c.terse:8:1: error: input 'x': 'enum' does not apply to the type json\n"},
        {"default that is no member",
         value_type::string,
         [](input_config& x) {
             x.allowed = {text("a"), text("b")};
             x.default_value = text("c", default_line);
         },
         "c.terse:7:1: error: input 'x': invalid default value: must be one of: a, b\n"},
        {"choice without choices",
         value_type::choice,
         [](input_config&) {},
         "c.terse:2:1: error: input 'x': the type choice needs 'choices'\n"},
        {"choices of another type",
         value_type::string,
         [](input_config& x) { x.choices = {{located(std::string("a")), located(std::string("b"))}}; },
         "c.terse:8:1: error: input 'x': 'choices' needs the type choice\n"
         "  hint: for a list of allowed values use 'enum'\n"},
        {"array of choices",
         value_type::choice,
         [](input_config& x) {
             x.array = true;
             x.choices = {{located(std::string("a")), located(std::string("b"))}};
         },
         "c.terse:2:1: error: input 'x': a choice cannot be an array\n"},
        {"default that is no choice",
         value_type::choice,
         [](input_config& x) {
             x.choices = {{located(std::string("a")), located(std::string("b"))}};
             x.default_value = text("b", default_line);
         },
         "c.terse:7:1: error: input 'x': invalid default value: 'b' is not one of: a\n"},
        {"choice of null",
         value_type::choice,
         [](input_config& x) {
             x.choices = {{located(std::string("a")), located(std::string("b"))}};
             x.default_value = of(literal::kind::null, "", default_line);
         },
         "c.terse:7:1: error: input 'x': invalid default value: a choice cannot be null\n"},
    };
    for (const auto& [name, type, change, diagnostic] : cases) {
        input_config from = written(type);
        change(from);
        diagnostics found;
        compile_input(from, found);
        EXPECT_EQ(to_text(found), diagnostic) << name;
    }
}

} // namespace
} // namespace hyperterse::gateway
