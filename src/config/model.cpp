#include "config/model.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace hyperterse::config {

namespace {

constexpr std::string_view mask = "***";
constexpr std::array<std::string_view, 5> connector_names{"postgres", "mysql", "sqlite", "redis", "mongodb"};

} // namespace

std::string_view shown(const located<std::string>& text) {
    return text.secret ? mask : std::string_view(text.value);
}

std::string_view shown(const literal& written) {
    return written.secret ? mask : std::string_view(written.text);
}

std::string_view name(connector_kind kind) {
    return connector_names[static_cast<std::size_t>(kind)];
}

location located_text::at(std::size_t offset) const {
    const auto next = std::ranges::upper_bound(runs, offset, {}, &run::offset);
    if (next == runs.begin()) {
        return where;
    }
    const run& start = *std::prev(next);
    std::size_t column = start.column + (offset - start.offset);
    if (next != runs.end() && next->line == start.line) {
        column = std::min(column, next->column);
    }
    return {where.file, start.line, column};
}

} // namespace hyperterse::config
