#include "http/negotiation.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hyperterse::http {

namespace {

using gateway::row_format;

struct format_row {
    row_format format;
    std::string_view type;
    std::string_view content_type;
};
constexpr std::array formats{
    // the first of equals wins
    format_row{row_format::json, "application/json", "application/json"},
    format_row{row_format::ndjson, "application/x-ndjson", "application/x-ndjson"},
    format_row{row_format::csv, "text/csv", "text/csv; charset=utf-8"},
};

// Takes the next element off a list separated by `separator`, which does not separate inside quotes.
std::string_view take(std::string_view& list, char separator) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < list.size() && (quoted || list[end] != separator); ++end) {
        if (list[end] == '"') {
            quoted = !quoted;
        } else if (quoted && list[end] == '\\') {
            end = std::min(end + 1, list.size() - 1);
        }
    }
    const std::string_view element = trim(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    return element;
}

struct weighted {
    std::string_view token;
    double weight = 1; // 0 is a refusal
};

// One element of Accept or Accept-Encoding. A weight that is not a number between 0 and 1 counts as 0.
weighted parse_weighted(std::string_view element) {
    weighted parsed{.token = take(element, ';')};
    while (!element.empty()) {
        const std::string_view parameter = take(element, ';');
        if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) {
            continue;
        }
        const std::string_view digits = parameter.substr(2);
        double weight = 0;
        const auto read =
            std::from_chars(digits.data(), digits.data() + digits.size(), weight, std::chars_format::fixed);
        const bool number = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
        parsed.weight = number && weight >= 0 && weight <= 1 ? weight : 0;
    }
    return parsed;
}

// Calls `use` with every element of every header of that name; tells whether there was such a header.
template <class Use>
bool for_each_weighted(const request& asked, std::string_view name, Use use) {
    bool found = false;
    for (const header& each : asked.headers) {
        if (!equals_ignoring_case(each.name, name)) {
            continue;
        }
        found = true;
        for (std::string_view list = each.value; !list.empty();) {
            const std::string_view element = take(list, ',');
            if (!element.empty()) {
                use(parse_weighted(element));
            }
        }
    }
    return found;
}

// The weight of the most specific range that matched.
struct preference {
    int specificity = 0;
    double weight = 0;

    void consider(int candidate, double weight_of_candidate) {
        if (candidate > specificity) {
            *this = {candidate, weight_of_candidate};
        } else if (candidate == specificity && candidate > 0) {
            weight = std::max(weight, weight_of_candidate);
        }
    }
};

// 0: `range` does not cover `type`; else the higher, the closer.
int specificity(std::string_view range, std::string_view type) {
    if (equals_ignoring_case(range, type)) {
        return 3;
    }
    if (range.ends_with("/*") &&
        equals_ignoring_case(range.substr(0, range.size() - 1), type.substr(0, type.find('/') + 1))) {
        return 2;
    }
    return range == "*/*" ? 1 : 0;
}

} // namespace

std::optional<row_format> negotiate_format(const request& asked) {
    std::array<preference, formats.size()> preferences;
    bool listed = false;
    const bool present = for_each_weighted(asked, "accept", [&](const weighted& range) {
        listed = true;
        for (std::size_t index = 0; index < formats.size(); ++index) {
            preferences[index].consider(specificity(range.token, formats[index].type), range.weight);
        }
    });
    if (!present || !listed) {
        return row_format::json;
    }
    const auto best = std::ranges::max_element(preferences, {}, &preference::weight);
    if (best->weight <= 0) {
        return std::nullopt;
    }
    return formats[static_cast<std::size_t>(best - preferences.begin())].format;
}

bool accepts_gzip(const request& asked) {
    preference gzip;
    preference identity{.specificity = 0, .weight = 0};
    for_each_weighted(asked, "accept-encoding", [&](const weighted& coding) {
        if (equals_ignoring_case(coding.token, "gzip") || equals_ignoring_case(coding.token, "x-gzip")) {
            gzip.consider(2, coding.weight);
        } else if (equals_ignoring_case(coding.token, "identity")) {
            identity.consider(2, coding.weight);
        } else if (coding.token == "*") {
            gzip.consider(1, coding.weight);
        }
    });
    return gzip.weight > 0 && gzip.weight >= identity.weight;
}

bool is_json(std::string_view content_type) {
    if (!equals_ignoring_case(take(content_type, ';'), "application/json")) {
        return false;
    }
    while (!content_type.empty()) {
        std::string_view parameter = take(content_type, ';');
        const std::string_view name = take(parameter, '=');
        if (equals_ignoring_case(name, "charset") && !equals_ignoring_case(parameter, "utf-8") &&
            !equals_ignoring_case(parameter, "\"utf-8\"")) {
            return false;
        }
    }
    return true;
}

std::string_view content_type(row_format format) {
    return formats[static_cast<std::size_t>(format)].content_type;
}

} // namespace hyperterse::http
