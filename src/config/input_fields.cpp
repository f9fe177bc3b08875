#include "config/stores.hpp"
#include "config/tables.hpp"

#include <array>
#include <fmt/format.h>
#include <re2/re2.h>

namespace hyperterse::config {

namespace {

constexpr std::int64_t longest = 1'000'000'000;
constexpr shape count_shape = whole(0, longest);
// Added to the value of a type's word when it is an array.
constexpr std::int64_t array_bit = 0x100;

constexpr word scalar_type(std::string_view text, value_type type) {
    return {text, static_cast<std::int64_t>(type)};
}
constexpr word array_type(std::string_view text, value_type type) {
    return {text, static_cast<std::int64_t>(type) | array_bit};
}

constexpr std::array types{
    scalar_type("string", value_type::string),   scalar_type("int", value_type::integer),
    scalar_type("float", value_type::floating),  scalar_type("boolean", value_type::boolean),
    scalar_type("uuid", value_type::uuid),       scalar_type("datetime", value_type::datetime),
    scalar_type("date", value_type::date),       scalar_type("decimal", value_type::decimal),
    scalar_type("json", value_type::json),       scalar_type("choice", value_type::choice),
    array_type("string[]", value_type::string),  array_type("int[]", value_type::integer),
    array_type("float[]", value_type::floating), array_type("boolean[]", value_type::boolean),
    array_type("uuid[]", value_type::uuid),      array_type("datetime[]", value_type::datetime),
    array_type("date[]", value_type::date),      array_type("decimal[]", value_type::decimal),
    array_type("json[]", value_type::json),
};

constexpr std::array formats{word{"email"}, word{"uri"}};

void read_type(reader& from, const field& row, const node& given, input_config& input) {
    input.type.where = from.place(given);
    if (const auto read = from.scalar(row, given)) {
        input.type.value = static_cast<value_type>(read->number & ~array_bit);
        input.array = (read->number & array_bit) != 0;
    }
}

void read_choices(reader& from, const field& row, const node& given, input_config& input) {
    for (auto& [chosen, fragment] : from.text_entries(row, given)) {
        input.choices.push_back({std::move(chosen), std::move(fragment)});
    }
    if (given.kind == node_kind::mapping && given.members.empty()) {
        from.error(from.place(given), "'choices' must not be empty");
    }
}

void read_pattern(reader& from, const field& row, const node& given, input_config& input) {
    const auto read = from.scalar(row, given);
    if (!read) {
        return;
    }
    const re2::RE2 compiled(read->text, re2::RE2::Quiet);
    if (!compiled.ok()) {
        const std::string why = read->secret ? std::string() : ": " + compiled.error();
        from.error(read->where, "'pattern' is not a regular expression (RE2)" + why);
        return;
    }
    assign(input.pattern, *read);
}

void check_range(
    reader& from,
    std::string_view least_key,
    const std::optional<located<std::size_t>>& least,
    std::string_view most_key,
    const std::optional<located<std::size_t>>& most
) {
    if (least && most && least->value > most->value) {
        from.error(
            most->where,
            fmt::format("'{}' must not be less than '{}' ({})", most_key, least_key, least->value)
        );
    }
}

void check_input(reader& from, const location& at, input_config& input) {
    const bool clean = from.clean();
    const bool is_choice = input.type.value == value_type::choice;
    if (input.optional && !input.default_value) {
        from.error(
            at, "it is marked as optional but does not have a default value", "add 'default: null' for NULL"
        );
    }
    if (clean && is_choice && input.choices.empty()) {
        from.error(input.type.where, "type 'choice' needs 'choices'");
    }
    if (clean && !is_choice && !input.choices.empty()) {
        from.error(input.choices.front().word.where, "'choices' needs 'type: choice'");
    }
    check_range(from, "min_length", input.min_length, "max_length", input.max_length);
    check_range(from, "min_items", input.min_items, "max_items", input.max_items);
}

constexpr std::array input_fields{
    field{
        .key = "type",
        .accepts = one_of(types),
        .needed = presence::required,
        .description = "Type of the input.",
        .store = store_by<input_config, read_type>,
    },
    field{
        .key = "description",
        .accepts = any_text(),
        .forgives = tolerance::wrong_kind,
        .description = "What the input means.",
        .store = store_scalar<&input_config::description>,
    },
    field{
        .key = "optional",
        .accepts = flag(),
        .forgives = tolerance::wrong_kind,
        .initial = "false",
        .description = "The input may be absent; needs a default.",
        .store = store_scalar<&input_config::optional>,
    },
    field{
        .key = "default",
        .accepts = {.type = shape::kind::literal, .null_too = true},
        .description = "Value when the input is absent; null binds NULL.",
        .store = store_literal<&input_config::default_value>,
    },
    field{
        .key = "choices",
        .accepts = {.type = shape::kind::text_entries, .numbers_too = true},
        .description = "Words of a choice and the fragments of the statement that they stand for.",
        .store = store_by<input_config, read_choices>,
    },
    field{
        .key = "min",
        .accepts = {.type = shape::kind::literal},
        .description = "Least value.",
        .store = store_literal<&input_config::min>,
    },
    field{
        .key = "max",
        .accepts = {.type = shape::kind::literal},
        .description = "Greatest value.",
        .store = store_literal<&input_config::max>,
    },
    field{
        .key = "min_length",
        .accepts = count_shape,
        .description = "Least number of characters.",
        .store = store_scalar<&input_config::min_length>,
    },
    field{
        .key = "max_length",
        .accepts = count_shape,
        .description = "Greatest number of characters; 65536 for strings when absent.",
        .store = store_scalar<&input_config::max_length>,
    },
    field{
        .key = "min_items",
        .accepts = count_shape,
        .description = "Least number of elements.",
        .store = store_scalar<&input_config::min_items>,
    },
    field{
        .key = "max_items",
        .accepts = count_shape,
        .description = "Greatest number of elements.",
        .store = store_scalar<&input_config::max_items>,
    },
    field{
        .key = "pattern",
        .accepts = text(),
        .description = "Regular expression (RE2) that the whole value matches.",
        .store = store_by<input_config, read_pattern>,
    },
    field{
        .key = "format",
        .accepts = one_of(formats),
        .description = "Well-known form of the value.",
        .store = store_scalar<&input_config::format>,
    },
    field{
        .key = "enum",
        .accepts = {.type = shape::kind::literal_list},
        .description = "The only values allowed.",
        .store = store_literals<&input_config::allowed>,
    },
};

} // namespace

const table input_table{.fields = input_fields, .finish = finish_by<input_config, check_input>};

} // namespace hyperterse::config
