#include "config/scalars.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

namespace hyperterse::config {

namespace {

constexpr std::array<std::pair<std::string_view, scalar_kind>, 23> words{{
    {"", scalar_kind::null},          {"~", scalar_kind::null},         {"null", scalar_kind::null},
    {"Null", scalar_kind::null},      {"NULL", scalar_kind::null},      {"true", scalar_kind::boolean},
    {"True", scalar_kind::boolean},   {"TRUE", scalar_kind::boolean},   {"false", scalar_kind::boolean},
    {"False", scalar_kind::boolean},  {"FALSE", scalar_kind::boolean},  {".nan", scalar_kind::floating},
    {".NaN", scalar_kind::floating},  {".NAN", scalar_kind::floating},  {".inf", scalar_kind::floating},
    {".Inf", scalar_kind::floating},  {".INF", scalar_kind::floating},  {"+.inf", scalar_kind::floating},
    {"+.Inf", scalar_kind::floating}, {"+.INF", scalar_kind::floating}, {"-.inf", scalar_kind::floating},
    {"-.Inf", scalar_kind::floating}, {"-.INF", scalar_kind::floating},
}};
constexpr std::size_t longest_word = 5;

struct notation {
    std::string_view prefix;
    int base;
};
// In order: a longer prefix before its own beginning.
constexpr std::array notations{
    notation{"0x", 16},
    notation{"0X", 16},
    notation{"0o", 8},
    notation{"0O", 8},
    notation{"0b", 2},
    notation{"0B", 2},
    notation{"0", 8},
};

struct whole_number {
    bool negative;
    std::uint64_t magnitude;
};

// `digits` without sign; all of it must be a number that fits.
std::optional<std::uint64_t> parse_magnitude(std::string_view digits) {
    int base = 10;
    for (const notation& each : notations) {
        if (digits.size() > each.prefix.size() && digits.starts_with(each.prefix)) {
            base = each.base;
            digits.remove_prefix(each.prefix.size());
            break;
        }
    }
    std::uint64_t magnitude = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, magnitude, base);
    if (read.ec != std::errc() || read.ptr != end) {
        return std::nullopt;
    }
    return magnitude;
}

// REQUIRES: no underscores.
std::optional<whole_number> parse_integer(std::string_view text) {
    constexpr std::uint64_t most_negative = std::uint64_t{1} << 63;
    const bool negative = text.starts_with('-');
    const bool has_sign = negative || text.starts_with('+');
    const auto magnitude = parse_magnitude(text.substr(has_sign ? 1 : 0));
    if (!magnitude || (negative && *magnitude > most_negative)) {
        return std::nullopt;
    }
    return whole_number{negative, *magnitude};
}

std::string_view take_digits(std::string_view& text) {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto length = static_cast<std::size_t>(end - text.begin());
    const std::string_view digits = text.substr(0, length);
    text.remove_prefix(length);
    return digits;
}

struct decimal_parts {
    bool negative;
    std::string_view whole;
    std::string_view fraction;
    std::string_view exponent; // with its sign
};

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
std::optional<decimal_parts> parse_decimal(std::string_view text) {
    decimal_parts parts{};
    parts.negative = text.starts_with('-');
    if (parts.negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    parts.whole = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        parts.fraction = take_digits(text);
    }
    if (parts.whole.empty() && parts.fraction.empty()) {
        return std::nullopt;
    }
    if (text.empty()) {
        return parts;
    }
    if (to_lower(text.front()) != 'e') {
        return std::nullopt;
    }
    text.remove_prefix(1);
    parts.exponent = text;
    if (text.starts_with('-') || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (take_digits(text).empty() || !text.empty()) {
        return std::nullopt;
    }
    return parts;
}

std::string without_underscores(std::string_view text) {
    std::string kept(text);
    std::erase(kept, '_');
    return kept;
}

} // namespace

scalar_kind resolve_plain(std::string_view text) {
    if (text.size() <= longest_word) {
        const auto word = std::ranges::find(words, text, &std::pair<std::string_view, scalar_kind>::first);
        if (word != words.end()) {
            return word->second;
        }
    }
    const bool numeric = is_digit(text.front()) || text.front() == '+' || text.front() == '-';
    if (text.front() == '.') {
        return parse_decimal(text) ? scalar_kind::floating : scalar_kind::text;
    }
    if (!numeric) {
        return scalar_kind::text;
    }
    const std::string plain = without_underscores(text);
    if (parse_integer(plain)) {
        return scalar_kind::integer;
    }
    return parse_decimal(plain) ? scalar_kind::floating : scalar_kind::text;
}

bool boolean_value(std::string_view text) {
    return to_lower(text.front()) == 't';
}

std::string decimal_text(std::string_view text) {
    const std::string plain = without_underscores(text);
    if (const auto whole = parse_integer(plain)) {
        return (whole->negative && whole->magnitude > 0 ? "-" : "") + std::to_string(whole->magnitude);
    }
    const auto parts = parse_decimal(plain);
    if (!parts) {
        return plain;
    }
    std::string written = parts->negative ? "-" : "";
    const std::size_t first = std::min(parts->whole.find_first_not_of('0'), parts->whole.size());
    const std::string_view whole = parts->whole.substr(first);
    written += whole.empty() ? std::string_view("0") : whole;
    if (!parts->fraction.empty()) {
        written += '.';
        written += parts->fraction;
    }
    if (!parts->exponent.empty()) {
        written += 'e';
        written += parts->exponent;
    }
    return written;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
    const std::string plain = without_underscores(trim(text));
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    if (const auto whole = parse_integer(plain)) {
        if (whole->negative) {
            return static_cast<std::int64_t>(0 - whole->magnitude);
        }
        return whole->magnitude > static_cast<std::uint64_t>(most)
            ? most
            : static_cast<std::int64_t>(whole->magnitude);
    }
    const auto parts = parse_decimal(plain);
    const bool beyond =
        parts && parts->fraction.empty() && parts->exponent.empty() && parts->whole.size() > 18;
    if (!beyond) {
        return std::nullopt;
    }
    return parts->negative ? least : most;
}

} // namespace hyperterse::config
