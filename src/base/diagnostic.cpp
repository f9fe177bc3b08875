#include "base/diagnostic.hpp"

#include "base/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace hyperterse {

namespace {

std::string_view name(severity level) {
    return level == severity::error ? "error" : "warning";
}

} // namespace

void diagnostics::add(diagnostic found) {
    if (found.level == severity::error) {
        ++errors_;
    }
    const auto after = std::ranges::upper_bound(items_, found.where, {}, &diagnostic::where);
    items_.insert(after, std::move(found));
}

void diagnostics::error(location where, std::string message, std::string hint) {
    add({std::move(where), severity::error, std::move(message), std::move(hint)});
}

void diagnostics::warning(location where, std::string message, std::string hint) {
    add({std::move(where), severity::warning, std::move(message), std::move(hint)});
}

std::string to_text(const diagnostics& found) {
    std::string text;
    auto out = std::back_inserter(text);
    for (const auto& [where, level, message, hint] : found.sorted()) {
        fmt::format_to(out, "{}", where.file);
        if (where.line > 0) {
            fmt::format_to(out, ":{}:{}", where.line, where.column);
        }
        fmt::format_to(out, ": {}: {}\n", name(level), message);
        if (!hint.empty()) {
            fmt::format_to(out, "  hint: {}\n", hint);
        }
    }
    return text;
}

std::string to_json(const diagnostics& found, std::string_view more) {
    std::string text =
        found.has_errors() ? R"({"valid":false,"diagnostics":[)" : R"({"valid":true,"diagnostics":[)";
    bool first = true;
    for (const auto& [where, level, message, hint] : found.sorted()) {
        text += first ? "{\"file\":" : ",{\"file\":";
        first = false;
        append_json_string(text, where.file);
        fmt::format_to(
            std::back_inserter(text),
            R"(,"line":{},"column":{},"severity":"{}","message":)",
            where.line,
            where.column,
            name(level)
        );
        append_json_string(text, message);
        if (!hint.empty()) {
            text += ",\"hint\":";
            append_json_string(text, hint);
        }
        text += '}';
    }
    text += ']';
    text += more;
    text += "}\n";
    return text;
}

} // namespace hyperterse
