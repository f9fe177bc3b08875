#include "gateway/bounds.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "gateway/number_text.hpp"
#include "gateway/text_forms.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <re2/re2.h>

namespace hyperterse::gateway {

namespace {

struct append_scalar {
    std::string& out;
    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    void operator()(std::int64_t number) const { append_json_number(out, number); }
    void operator()(double number) const { append_json_number(out, number); }
    void operator()(const std::string& text) const { out += text; }
};

template <class Compare>
std::partial_ordering compare_text(const scalar& left, const scalar& right, Compare by) {
    return by(std::get<std::string>(left), std::get<std::string>(right));
}

std::optional<std::string> length_violation(const constraints& bounds, const std::string& text) {
    if (!bounds.min_length && !bounds.max_length) {
        return std::nullopt;
    }
    const std::size_t length = utf8_length(text);
    if (bounds.min_length && length < *bounds.min_length) {
        return fmt::format("must be at least {} characters long", *bounds.min_length);
    }
    if (bounds.max_length && length > *bounds.max_length) {
        return fmt::format("must be at most {} characters long", *bounds.max_length);
    }
    return std::nullopt;
}

std::optional<std::string> form_violation(const constraints& bounds, const std::string& text) {
    if (bounds.pattern && !re2::RE2::FullMatch(text, *bounds.pattern)) {
        return fmt::format("must match the pattern '{}'", bounds.pattern_text);
    }
    if (bounds.format == "email" && !is_email(text)) {
        return "must be an email address";
    }
    if (bounds.format == "uri" && !is_uri(text)) {
        return "must be a URI";
    }
    return std::nullopt;
}

std::optional<std::string>
range_violation(const constraints& bounds, value_type type, const scalar& checked) {
    if (bounds.min && compare(type, checked, *bounds.min) < 0) {
        return fmt::format("must be at least {}", to_text(*bounds.min));
    }
    if (bounds.max && compare(type, checked, *bounds.max) > 0) {
        return fmt::format("must be at most {}", to_text(*bounds.max));
    }
    return std::nullopt;
}

std::optional<std::string> enum_violation(const constraints& bounds, value_type type, const scalar& checked) {
    const auto is_same = [&](const scalar& allowed) { return compare(type, checked, allowed) == 0; };
    if (bounds.allowed.empty() || std::ranges::any_of(bounds.allowed, is_same)) {
        return std::nullopt;
    }
    std::string members;
    for (const scalar& allowed : bounds.allowed) {
        members += members.empty() ? "" : ", ";
        members += to_text(allowed);
    }
    return "must be one of: " + members;
}

} // namespace

std::partial_ordering compare(value_type type, const scalar& left, const scalar& right) {
    switch (type) {
    case value_type::decimal:
        return compare_text(left, right, compare_decimals);
    case value_type::date:
    case value_type::datetime:
        return compare_text(left, right, [](const std::string& a, const std::string& b) {
            return read_datetime(a) <=> read_datetime(b);
        });
    case value_type::string:
    case value_type::integer:
    case value_type::floating:
    case value_type::boolean:
    case value_type::uuid:
    case value_type::json:
    case value_type::choice:
        break;
    }
    return left <=> right;
}

std::string to_text(const scalar& shown) {
    std::string text;
    std::visit(append_scalar{text}, shown);
    return text;
}

std::optional<std::string> violation(const constraints& bounds, value_type type, const scalar& checked) {
    if (auto found = range_violation(bounds, type, checked)) {
        return found;
    }
    if (const auto* text = std::get_if<std::string>(&checked)) {
        if (auto found = length_violation(bounds, *text)) {
            return found;
        }
        if (auto found = form_violation(bounds, *text)) {
            return found;
        }
    }
    return enum_violation(bounds, type, checked);
}

std::optional<std::string> item_count_violation(const constraints& bounds, std::size_t count) {
    if (bounds.min_items && count < *bounds.min_items) {
        return fmt::format("must have at least {} items", *bounds.min_items);
    }
    if (bounds.max_items && count > *bounds.max_items) {
        return fmt::format("must have at most {} items", *bounds.max_items);
    }
    return std::nullopt;
}

} // namespace hyperterse::gateway
