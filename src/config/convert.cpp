#include "base/quantity.hpp"
#include "base/text.hpp"
#include "config/reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace hyperterse::config {

namespace {

converted matches(scalar_value value) {
    return {.value = std::move(value), .why_not = {}};
}

converted differs(std::string expected, std::string hint = {}) {
    return {.value = std::nullopt, .why_not = {false, std::move(expected), std::move(hint)}};
}

converted wrong_kind(std::string expected, std::string hint = {}) {
    return {.value = std::nullopt, .why_not = {true, std::move(expected), std::move(hint)}};
}

bool is_number(scalar_kind kind) {
    return kind == scalar_kind::integer || kind == scalar_kind::floating;
}

converted to_text(const shape& accepts, const scalar_text& given) {
    if (given.kind != scalar_kind::text && !(accepts.numbers_too && is_number(given.kind))) {
        return wrong_kind("must be text", "put it in quotes");
    }
    if (given.text.empty() && accepts.least > 0) {
        return differs("must not be empty");
    }
    if (accepts.names != nullptr && !accepts.names->matches(given.text)) {
        return differs(std::string(accepts.names->words));
    }
    return matches({.text = given.text, .secret = given.secret, .where = {}});
}

converted to_flag(const shape& accepts, const scalar_text& given) {
    const bool quoted = given.kind == scalar_kind::text && (accepts.quoted_too || given.substituted) &&
        resolve_plain(given.text) == scalar_kind::boolean;
    if (given.kind != scalar_kind::boolean && !quoted) {
        return wrong_kind("must be true or false");
    }
    return matches({.text = {}, .flag = boolean_value(given.text), .where = {}});
}

converted within(const shape& accepts, std::optional<std::int64_t> number, std::string expected) {
    if (!number || *number < accepts.least || *number > accepts.most) {
        return differs(std::move(expected));
    }
    return matches({.text = {}, .number = *number, .where = {}});
}

converted to_whole(const shape& accepts, const scalar_text& given) {
    std::string expected = fmt::format("must be a whole number from {} to {}", accepts.least, accepts.most);
    if (given.kind != scalar_kind::integer && given.kind != scalar_kind::text) {
        return wrong_kind(std::move(expected));
    }
    return within(accepts, parse_whole(given.text), std::move(expected));
}

std::string size_words(std::int64_t bytes) {
    constexpr std::int64_t kibi = 1024;
    if (bytes >= kibi * kibi && bytes % (kibi * kibi) == 0) {
        return fmt::format("{}MiB", bytes / (kibi * kibi));
    }
    return bytes >= kibi && bytes % kibi == 0 ? fmt::format("{}KiB", bytes / kibi) : fmt::format("{}", bytes);
}

std::string duration_words(std::int64_t milliseconds) {
    constexpr std::pair<std::int64_t, std::string_view> units[] = {
        {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}
    };
    for (const auto& [length, suffix] : units) {
        if (milliseconds >= length && milliseconds % length == 0) {
            return fmt::format("{}{}", milliseconds / length, suffix);
        }
    }
    return fmt::format("{}ms", milliseconds);
}

converted to_size(const shape& accepts, const scalar_text& given) {
    if (!is_number(given.kind) && given.kind != scalar_kind::text) {
        return wrong_kind("must be a size such as 64KiB, 1MiB or a number of bytes");
    }
    const auto bytes = parse_size(given.text);
    if (!bytes) {
        return differs("must be a size such as 64KiB, 1MiB or a number of bytes");
    }
    return within(
        accepts,
        bytes,
        fmt::format("must be a size from {} to {}", size_words(accepts.least), size_words(accepts.most))
    );
}

converted to_duration(const shape& accepts, const scalar_text& given) {
    if (!is_number(given.kind) && given.kind != scalar_kind::text) {
        return wrong_kind("must be a duration such as 500ms, 30s, 5m, 1h or a number of seconds");
    }
    const auto length = parse_duration(given.text);
    if (!length) {
        return differs("must be a duration such as 500ms, 30s, 5m, 1h or a number of seconds");
    }
    converted read = within(
        accepts,
        length->count(),
        fmt::format(
            "must be a duration from {} to {}", duration_words(accepts.least), duration_words(accepts.most)
        )
    );
    if (read.value) {
        read.value->has_unit = is_alpha(trim(given.text).back());
    }
    return read;
}

// A number in the notation of the words: 3.7 is cut to 3, as Hyperterse 1.4.0 does.
std::string word_text(const scalar_text& given) {
    if (!is_number(given.kind)) {
        return given.text;
    }
    const std::string digits = decimal_text(given.text);
    return digits.substr(0, digits.find('.'));
}

converted to_word(const shape& accepts, const scalar_text& given) {
    const std::string wanted = word_text(given);
    std::vector<std::string_view> known;
    for (const word& each : accepts.words) {
        if (each.text == wanted) {
            return matches({.text = wanted, .number = each.value, .where = {}});
        }
        known.push_back(each.text);
    }
    std::string expected = fmt::format("must be one of: {}", join(known));
    if (given.kind != scalar_kind::text && !is_number(given.kind)) {
        return wrong_kind(std::move(expected));
    }
    return differs(
        std::move(expected),
        given.secret || is_number(given.kind) ? std::string() : did_you_mean(given.text, known)
    );
}

} // namespace

converted convert(const shape& accepts, const scalar_text& given) {
    switch (accepts.type) {
    case shape::kind::text:
    case shape::kind::text_list:
    case shape::kind::text_entries:
        return to_text(accepts, given);
    case shape::kind::flag:
        return to_flag(accepts, given);
    case shape::kind::whole:
        return to_whole(accepts, given);
    case shape::kind::size:
        return to_size(accepts, given);
    case shape::kind::duration:
        return to_duration(accepts, given);
    case shape::kind::word:
    case shape::kind::word_list:
        return to_word(accepts, given);
    case shape::kind::literal:
    case shape::kind::literal_list:
        return matches({.text = given.text, .secret = given.secret, .where = {}});
    case shape::kind::section:
    case shape::kind::entries:
        return wrong_kind("must be a map");
    }
    return {};
}

} // namespace hyperterse::config
