#include "config/load.hpp"
#include "config/tables.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace hyperterse::config {

namespace {

namespace json = boost::json;

constexpr std::string_view duration_pattern = R"(^\s*[0-9]+(\.[0-9]*)?\s*(ms|s|m|h)?\s*$)";
constexpr std::string_view size_pattern = R"(^\s*[0-9]+(\.[0-9]*)?\s*(B|KiB|MiB|GiB)?\s*$)";
constexpr std::string_view whole_pattern = R"(^\s*[-+]?[0-9]+\s*$)";

json::object section_schema(const table& of);

json::object pattern_text(std::string_view pattern) {
    return {{"type", "string"}, {"pattern", pattern}};
}

// Also a text with {{ env.NAME }} or {{ file.PATH }} in it, which is what it is only when it is read.
json::object or_substitution(json::array alternatives) {
    alternatives.push_back(json::object{{"$ref", "#/$defs/substitution"}});
    return {{"anyOf", std::move(alternatives)}};
}

json::object text_schema(const shape& accepts) {
    json::object schema{{"type", "string"}};
    if (accepts.numbers_too) {
        schema["type"] = {"string", "number"};
    }
    if (accepts.least > 0) {
        schema["minLength"] = accepts.least;
    }
    if (accepts.names == nullptr) {
        return schema;
    }
    schema["pattern"] = accepts.names->pattern;
    return or_substitution({std::move(schema)});
}

json::object word_schema(const shape& accepts) {
    json::array words;
    for (const word& each : accepts.words) {
        words.push_back(json::value(each.text));
        if (each.text.size() == 1 && each.text == std::to_string(each.value)) {
            words.push_back(each.value);
        }
    }
    return or_substitution({json::object{{"enum", std::move(words)}}});
}

json::object quantity_schema(const shape& accepts, std::string_view type, std::string_view pattern) {
    json::object number{
        {"type", type}, {"minimum", accepts.type == shape::kind::duration ? 0 : accepts.least}
    };
    if (accepts.type != shape::kind::duration) {
        number["maximum"] = accepts.most;
    }
    return or_substitution({std::move(number), pattern_text(pattern)});
}

json::object flag_schema(const shape& accepts) {
    json::array alternatives{json::object{{"type", "boolean"}}};
    if (accepts.quoted_too) {
        alternatives.push_back(json::object{{"enum", {"true", "false"}}});
    }
    return or_substitution(std::move(alternatives));
}

json::object list_schema(const shape& accepts, json::object item) {
    json::object list{{"type", "array"}, {"items", item}};
    if (!accepts.single_too) {
        return list;
    }
    return {{"anyOf", {std::move(item), std::move(list)}}};
}

json::object entries_schema(const shape& accepts) {
    return {
        {"type", "object"},
        {"propertyNames", {{"pattern", accepts.names->pattern}}},
        {"additionalProperties", section_schema(*accepts.nested)},
    };
}

json::object literal_list_schema() {
    return {{"type", "array"}, {"items", {{"$ref", "#/$defs/scalar"}}}};
}

json::object value_schema(const shape& accepts) {
    switch (accepts.type) {
    case shape::kind::text:
        return text_schema(accepts);
    case shape::kind::flag:
        return flag_schema(accepts);
    case shape::kind::whole:
        return quantity_schema(accepts, "integer", whole_pattern);
    case shape::kind::size:
        return quantity_schema(accepts, "number", size_pattern);
    case shape::kind::duration:
        return quantity_schema(accepts, "number", duration_pattern);
    case shape::kind::word:
        return word_schema(accepts);
    case shape::kind::text_list:
        return list_schema(accepts, text_schema(accepts));
    case shape::kind::word_list:
        return list_schema(accepts, word_schema(accepts));
    case shape::kind::literal:
        return {{"anyOf", {{{"$ref", "#/$defs/scalar"}}, literal_list_schema()}}};
    case shape::kind::literal_list:
        return literal_list_schema();
    case shape::kind::section:
        return section_schema(*accepts.nested);
    case shape::kind::entries:
        return entries_schema(accepts);
    case shape::kind::text_entries:
        return {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", text_schema(accepts)}};
    }
    return {};
}

// The default as JSON: bare where the shape is a flag or a whole number.
json::value default_value(const field& row) {
    const bool bare = row.accepts.type == shape::kind::flag || row.accepts.type == shape::kind::whole;
    return bare ? json::parse(json::string_view(row.initial)) : json::value(row.initial);
}

json::object field_schema(const table& of, const field& written) {
    const field& row = *find_field(of, written.key);
    json::object schema = value_schema(row.accepts);
    schema["description"] = row.description;
    if (&row != &written) {
        schema["description"] = "The same as " + std::string(row.key) + ".";
    } else if (!row.initial.empty()) {
        schema["default"] = default_value(row);
    }
    return schema;
}

json::array keys_with(const table& of, presence wanted) {
    json::array keys;
    for (const field& row : of.fields) {
        if (row.needed == wanted) {
            keys.push_back(json::value(row.key));
        }
    }
    return keys;
}

json::object section_schema(const table& of) {
    json::object properties;
    for (const field& row : of.fields) {
        if (row.needed != presence::planned) {
            properties[row.key] = field_schema(of, row);
        }
    }
    json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (of.other == nullptr) {
        schema["additionalProperties"] = false;
    } else {
        schema["additionalProperties"] = {{"$ref", "#/$defs/scalar"}};
    }
    if (json::array required = keys_with(of, presence::required); !required.empty()) {
        schema["required"] = std::move(required);
    }
    if (json::array total = keys_with(of, presence::required_in_total); !total.empty()) {
        schema["anyOf"] = {{{"required", std::move(total)}}, {{"required", {"include"}}}};
    }
    return schema;
}

void append_indented(std::string& out, const json::value& shown, std::size_t depth) {
    const auto new_line = [&](std::size_t level) { out.append(1, '\n').append(2 * level, ' '); };
    const auto separate = [&](bool& first) {
        out += first ? "" : ",";
        first = false;
        new_line(depth + 1);
    };
    bool first = true;
    if (const json::object* const object = shown.if_object(); object != nullptr && !object->empty()) {
        out += '{';
        for (const auto& [key, value] : *object) {
            separate(first);
            out += json::serialize(key) + ": ";
            append_indented(out, value, depth + 1);
        }
        new_line(depth);
        out += '}';
    } else if (const json::array* const array = shown.if_array(); array != nullptr && !array->empty()) {
        out += '[';
        for (const json::value& value : *array) {
            separate(first);
            append_indented(out, value, depth + 1);
        }
        new_line(depth);
        out += ']';
    } else {
        out += json::serialize(shown);
    }
}

} // namespace

std::string json_schema() {
    json::object schema{
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "Hyperterse configuration (.terse)"},
    };
    for (auto& [key, value] : section_schema(root_table)) {
        schema[key] = std::move(value);
    }
    schema["$defs"] = {
        {"scalar", {{"type", {"string", "number", "boolean", "null"}}}},
        {"substitution", pattern_text(R"(\{\{\s*(env|file)\..*\}\})")},
    };
    std::string text;
    append_indented(text, schema, 0);
    text += '\n';
    return text;
}

} // namespace hyperterse::config
