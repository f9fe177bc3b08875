#include "gateway/inputs.hpp"

#include "base/text.hpp"
#include "gateway/conversions.hpp"
#include "gateway/excerpt.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hyperterse::gateway {

namespace {

constexpr std::size_t max_problems = 100; // of one request: bounds the answer to a hostile one

// What validation has found so far.
struct findings {
    std::vector<value> values;
    std::vector<field_problem> problems;

    void refuse(std::string_view field, std::string message) {
        if (problems.size() < max_problems) {
            problems.push_back({excerpt(field), std::move(message)});
        }
    }
    void refuse(std::string_view field, const refusal& why) {
        const std::string_view prefix = why.cause == refusal_cause::type ? "type validation failed: " : "";
        refuse(field, fmt::format("{}{}", prefix, why.message));
    }
};

std::string_view name_of(const json_member& given) {
    return given.name;
}

std::string_view name_of(const text_inputs::value_type& given) {
    return given.first;
}

void take(const input& expected, const json_value& given, findings& into) {
    auto made = to_value(given, expected);
    if (made) {
        into.values.push_back(*std::move(made));
    } else {
        into.refuse(expected.name, made.error());
    }
}

// False: not given.
bool take_given(const input& expected, const input_object& given, findings& into) {
    const auto found = std::ranges::find(given, expected.name, &json_member::name);
    if (found == given.end()) {
        return false;
    }
    take(expected, found->content, into);
    return true;
}

bool take_given(const input& expected, const text_inputs& given, findings& into) {
    json_value items;
    items.type = json_value::kind::array;
    for (const auto& [name, text] : given) {
        if (name != expected.name) {
            continue;
        }
        if (!is_valid_utf8(text)) {
            into.refuse(name, refusal{"text is not valid UTF-8"});
            return true;
        }
        auto read = from_text(text, expected.type);
        if (!read) {
            into.refuse(name, read.error());
            return true;
        }
        items.items.push_back(*std::move(read));
    }
    if (expected.array && !items.items.empty()) {
        take(expected, items, into);
    } else if (items.items.size() == 1) {
        take(expected, items.items.front(), into);
    } else if (!items.items.empty()) {
        into.refuse(expected.name, fmt::format("input '{}' is given more than once", expected.name));
    }
    return !items.items.empty();
}

void take_absent(const input& expected, findings& into) {
    if (expected.default_value) {
        into.values.push_back(*expected.default_value);
    } else {
        into.refuse(expected.name, fmt::format("required input '{}' is missing", expected.name));
    }
}

template <class Given>
result<std::vector<value>> validate_all(const std::vector<input>& inputs, const Given& given) {
    findings found;
    found.values.reserve(inputs.size());
    for (const input& expected : inputs) {
        if (!take_given(expected, given, found)) {
            take_absent(expected, found);
        }
    }
    for (const auto& each : given) {
        const std::string_view name = name_of(each);
        if (std::ranges::find(inputs, name, &input::name) == inputs.end()) {
            found.refuse(name, fmt::format("unknown input field '{}'", excerpt(name)));
        }
    }
    if (!found.problems.empty()) {
        return error::invalid_inputs(std::move(found.problems));
    }
    return std::move(found.values);
}

} // namespace

result<std::vector<value>> validate(const std::vector<input>& inputs, const input_object& given) {
    return validate_all(inputs, given);
}

result<std::vector<value>> validate(const std::vector<input>& inputs, const text_inputs& given) {
    return validate_all(inputs, given);
}

} // namespace hyperterse::gateway
