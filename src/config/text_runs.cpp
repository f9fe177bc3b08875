#include "config/text_runs.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace hyperterse::config {

namespace {

// Line i of a literal block is the end of line i after the one with the `|`, its indentation cut off.
std::vector<located_text::run> literal_runs(const source_file& file, const node& scalar) {
    std::vector<located_text::run> runs;
    std::size_t line = file.line_of(scalar.offset) + 1;
    for (std::size_t at = 0; at < scalar.text.size(); ++line) {
        const std::size_t end = std::min(scalar.text.find('\n', at), scalar.text.size());
        const std::string_view wanted = scalar.text.substr(at, end - at);
        if (line >= file.line_count() || !file.line(line).ends_with(wanted)) {
            return {};
        }
        runs.push_back({at, line + 1, file.line(line).size() - wanted.size() + 1});
        at = end + 1;
    }
    return runs;
}

// Plain and quoted text is exact when the file has the very same bytes.
std::vector<located_text::run> same_line_runs(const source_file& file, const node& scalar) {
    const std::size_t begin = scalar.offset + (scalar.style == scalar_style::quoted ? 1 : 0);
    const bool same = begin <= file.text().size() && file.text().substr(begin).starts_with(scalar.text) &&
        scalar.text.find('\n') == std::string_view::npos;
    if (!same) {
        return {};
    }
    const location first = file.place(begin);
    return {{0, first.line, first.column}};
}

} // namespace

located_text locate(const source_file& file, const node& scalar) {
    located_text located{.value = std::string(scalar.text), .where = file.place(scalar.offset), .runs = {}};
    if (scalar.style == scalar_style::literal) {
        located.runs = literal_runs(file, scalar);
    } else if (scalar.style != scalar_style::folded) {
        located.runs = same_line_runs(file, scalar);
    }
    if (!located.runs.empty()) {
        located.where.line = located.runs.front().line;
        located.where.column = located.runs.front().column;
    }
    return located;
}

located_text locate(const source_file& file) {
    located_text located{.value = std::string(file.text()), .where = file.place(0), .runs = {}};
    for (std::size_t index = 0; index < file.line_count(); ++index) {
        located.runs.push_back({file.line_start(index), index + 1, 1});
    }
    return located;
}

located_text apply(const located_text& written, const substituted_text& substituted) {
    located_text applied{.value = substituted.text, .where = written.where, .runs = {}};
    if (written.runs.empty()) {
        return applied;
    }
    std::size_t next = 0; // run of `written`
    std::size_t from = 0; // end of the last replacement, in both texts
    std::size_t to = 0;
    const auto keep_until = [&](std::size_t end) {
        for (; next < written.runs.size() && written.runs[next].offset < end; ++next) {
            const auto& [offset, line, column] = written.runs[next];
            if (offset >= from) {
                applied.runs.push_back({offset - from + to, line, column});
            }
        }
    };
    for (const replacement& each : substituted.replacements) {
        keep_until(each.from);
        const location start = written.at(each.from);
        applied.runs.push_back({each.to, start.line, start.column});
        from = each.from + each.length;
        to = each.to + each.size;
        const location end = written.at(from);
        applied.runs.push_back({to, end.line, end.column});
    }
    keep_until(written.value.size());
    return applied;
}

} // namespace hyperterse::config
