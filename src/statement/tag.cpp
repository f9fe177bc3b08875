#include "statement/tag.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace hyperterse::statement {

namespace {

struct tag_form {
    std::string_view word; // what the tag begins with
    tag_kind kind;
};
constexpr std::array forms{
    tag_form{"inputs.", tag_kind::input},
    tag_form{"#if", tag_kind::if_input},
    tag_form{"else", tag_kind::otherwise},
    tag_form{"/if", tag_kind::end_if},
    tag_form{"auth.", tag_kind::auth},
    tag_form{"env.", tag_kind::env},
};

bool is_name_start(char c) {
    return is_alpha(c) || c == '_';
}
bool is_name_char(char c) {
    return is_name_start(c) || is_digit(c) || c == '-';
}

// The name after `inputs.` when nothing but white space surrounds the two.
std::optional<std::string_view> input_name(std::string_view inside) {
    constexpr std::string_view prefix = "inputs.";
    inside = trim(inside);
    if (!inside.starts_with(prefix)) {
        return std::nullopt;
    }
    const std::string_view name = inside.substr(prefix.size());
    if (name.empty() || !is_name_start(name.front()) || !std::ranges::all_of(name, is_name_char)) {
        return std::nullopt;
    }
    return name;
}

// Whether `inside` (between the braces, trimmed) is a correct tag of this form; sets the name of its input.
bool complete(tag& found, std::string_view inside) {
    switch (found.kind) {
    case tag_kind::if_input:
        inside.remove_prefix(std::string_view("#if").size());
        if (inside.empty() || !is_space(inside.front())) {
            return false;
        }
        [[fallthrough]];
    case tag_kind::input: {
        const auto name = input_name(inside);
        found.name = name.value_or(std::string_view());
        return name.has_value();
    }
    case tag_kind::otherwise:
        return inside == "else";
    case tag_kind::end_if:
        return inside == "/if";
    case tag_kind::auth:
    case tag_kind::env:
        return true;
    }
    return false;
}

} // namespace

tag_match match_tag(std::string_view text, std::size_t at) {
    std::size_t word = at + 2;
    while (word < text.size() && is_space(text[word])) {
        ++word;
    }
    const auto form = std::ranges::find_if(forms, [&](const tag_form& each) {
        return text.substr(word).starts_with(each.word);
    });
    if (form == forms.end()) {
        return {};
    }
    tag_match match{tag_match::outcome::unclosed, {.kind = form->kind, .begin = at}};
    const std::size_t close = text.find("}}", word);
    std::string_view inside = text.substr(word, close - word);
    if (close == std::string_view::npos || inside.find("{{") != std::string_view::npos) {
        return match;
    }
    match.found.end = close + 2;
    inside = trim(inside);
    match.result =
        complete(match.found, inside) ? tag_match::outcome::matched : tag_match::outcome::malformed;
    return match;
}

std::string spelled(std::string_view input_name) {
    return "{{ inputs." + std::string(input_name) + " }}";
}

std::string excerpt(std::string_view text, std::size_t at) {
    constexpr std::size_t longest = 40;
    std::string_view shown = text.substr(at);
    shown = shown.substr(0, shown.find_first_of("\r\n"));
    if (const std::size_t close = shown.find("}}"); close != std::string_view::npos) {
        shown = shown.substr(0, close + 2);
    }
    if (shown.size() <= longest) {
        return std::string(shown);
    }
    std::size_t cut = longest;
    while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0) == 0x80) {
        --cut;
    }
    return std::string(shown.substr(0, cut)) + "…";
}

} // namespace hyperterse::statement
