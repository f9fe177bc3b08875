#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

// The textual forms that an input may be required to have.
namespace hyperterse::gateway {

// 8-4-4-4-12 hexadecimal digits of any case.
bool is_uuid(std::string_view text);

// A point in time; text without a zone counts as UTC.
struct instant {
    std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
    std::string_view fraction; // digits of the second after the point, without trailing zeros
    friend std::strong_ordering operator<=>(const instant&, const instant&) = default;
};

// YYYY-MM-DD of the Gregorian calendar.
std::optional<instant> read_date(std::string_view text);

// RFC 3339 with a zone, `YYYY-MM-DD hh:mm:ss` with an optional fraction, or YYYY-MM-DD. As upstream, the hour
// may have one digit and the fraction may follow a comma; there are no leap seconds. Views into `text`.
std::optional<instant> read_datetime(std::string_view text);

// The form that the HTML standard requires of <input type=email>.
bool is_email(std::string_view text);

// An absolute URI as of RFC 3986: a scheme, then only the characters of a URI and whole percent-escapes.
bool is_uri(std::string_view text);

} // namespace hyperterse::gateway
