#include "gateway/text_forms.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <chrono>

namespace hyperterse::gateway {

namespace {

constexpr std::size_t max_datetime_bytes = 64;

bool is_hex_digit(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

bool is_alphanumeric(char c) {
    return is_digit(c) || is_alpha(c);
}

bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected)) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

// Exactly `digits` digits.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits || !std::ranges::all_of(text.substr(0, digits), is_digit)) {
        return std::nullopt;
    }
    unsigned number = 0;
    for (const char digit : text.substr(0, digits)) {
        number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    text.remove_prefix(digits);
    return number;
}

// A number of exactly `digits` digits that is at most `largest`.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits, unsigned largest) {
    const auto number = take_number(text, digits);
    return number && *number <= largest ? number : std::nullopt;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-')) {
        return std::nullopt;
    }
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-')) {
        return std::nullopt;
    }
    const auto day = take_number(text, 2);
    if (!day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month), std::chrono::day(*day)
    };
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::optional<unsigned> take_hour(std::string_view& text) {
    const bool two_digits = text.size() > 1 && is_digit(text[1]);
    return take_number(text, two_digits ? 2 : 1, 23);
}

// The seconds since midnight of `h:mm:ss`.
std::optional<std::int64_t> take_clock(std::string_view& text) {
    const auto hour = take_hour(text);
    if (!hour || !take(text, ':')) {
        return std::nullopt;
    }
    const auto minute = take_number(text, 2, 59);
    if (!minute || !take(text, ':')) {
        return std::nullopt;
    }
    const auto second = take_number(text, 2, 59);
    if (!second) {
        return std::nullopt;
    }
    return *hour * 3'600 + *minute * 60 + *second;
}

// The digits of an optional fraction, without trailing zeros. Nothing is taken when no digit follows the
// point.
std::string_view take_fraction(std::string_view& text) {
    if (text.size() < 2 || (text[0] != '.' && text[0] != ',') || !is_digit(text[1])) {
        return {};
    }
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    const std::string_view digits = text.substr(1, end - 1);
    text.remove_prefix(end);
    return digits.substr(0, digits.find_last_not_of('0') + 1);
}

// Seconds east of UTC of `Z` or `±hh:mm`.
std::optional<std::int64_t> take_zone(std::string_view& text) {
    if (take(text, 'Z')) {
        return 0;
    }
    const bool west = text.starts_with('-');
    if (!take(text, '+') && !take(text, '-')) {
        return std::nullopt;
    }
    const auto hours = take_number(text, 2, 23);
    if (!hours || !take(text, ':')) {
        return std::nullopt;
    }
    const auto minutes = take_number(text, 2, 59);
    if (!minutes) {
        return std::nullopt;
    }
    const std::int64_t offset = *hours * 3'600 + *minutes * 60;
    return west ? -offset : offset;
}

std::int64_t seconds_of(std::chrono::sys_days day) {
    return std::chrono::sys_seconds(day).time_since_epoch().count();
}

bool is_domain_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && is_alphanumeric(label.front()) &&
        is_alphanumeric(label.back()) &&
        std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
    while (true) {
        const std::size_t dot = text.find('.');
        if (!is_domain_label(text.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(dot + 1);
    }
}

bool contains(std::string_view set, char c) {
    return set.find(c) != std::string_view::npos;
}

} // namespace

bool is_uuid(std::string_view text) {
    constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::ranges::equal(text, shape, [](char c, char wanted) {
        return wanted == '-' ? c == '-' : is_hex_digit(c);
    });
}

std::optional<instant> read_date(std::string_view text) {
    const auto day = take_date(text);
    return day && text.empty() ? std::optional(instant{seconds_of(*day), {}}) : std::nullopt;
}

std::optional<instant> read_datetime(std::string_view text) {
    if (text.size() > max_datetime_bytes) {
        return std::nullopt;
    }
    const auto day = take_date(text);
    if (!day) {
        return std::nullopt;
    }
    if (text.empty()) {
        return instant{seconds_of(*day), {}};
    }
    const bool zoned = take(text, 'T');
    if (!zoned && !take(text, ' ')) {
        return std::nullopt;
    }
    const auto clock = take_clock(text);
    if (!clock) {
        return std::nullopt;
    }
    const std::string_view fraction = take_fraction(text);
    const auto offset = zoned ? take_zone(text) : std::optional<std::int64_t>(0);
    if (!offset || !text.empty()) {
        return std::nullopt;
    }
    return instant{seconds_of(*day) + *clock - *offset, fraction};
}

bool is_email(std::string_view text) {
    constexpr std::size_t max_bytes = 254; // RFC 5321, 4.5.3.1.3, less the angle brackets
    const std::size_t at = text.find('@');
    if (at == 0 || at == std::string_view::npos || text.size() > max_bytes) {
        return false;
    }
    const auto allowed = [](char c) { return is_alphanumeric(c) || contains(".!#$%&'*+/=?^_`{|}~-", c); };
    return std::ranges::all_of(text.substr(0, at), allowed) && is_domain(text.substr(at + 1));
}

bool is_uri(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !is_alpha(text.front())) {
        return false;
    }
    const auto in_scheme = [](char c) { return is_alphanumeric(c) || contains("+-.", c); };
    if (!std::ranges::all_of(text.substr(0, colon), in_scheme)) {
        return false;
    }
    for (std::size_t at = colon + 1; at < text.size(); ++at) {
        if (text[at] == '%') {
            if (text.size() - at < 3 || !is_hex_digit(text[at + 1]) || !is_hex_digit(text[at + 2])) {
                return false;
            }
        } else if (!is_alphanumeric(text[at]) && !contains("-._~:/?#[]@!$&'()*+,;=", text[at])) {
            return false;
        }
    }
    return colon + 1 < text.size();
}

} // namespace hyperterse::gateway
