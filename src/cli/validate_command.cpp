#include "app/bundle.hpp"
#include "app/live_check.hpp"
#include "cli/commands.hpp"
#include "cli/contracts.hpp"

#include <fmt/format.h>
#include <optional>
#include <vector>

namespace hyperterse::cli {

namespace {

using contracts = std::optional<std::vector<app::query_contract>>; // empty: no database was asked

std::string shown(const config::source& checked) {
    return checked.text ? "source" : checked.file.string();
}

void print_json(const diagnostics& found, const contracts& live) {
    fmt::print("{}", to_json(found, live ? ",\"queries\":" + to_json(*live) : ""));
}

void print_text(const diagnostics& found, const contracts& live, const config::source& checked) {
    fmt::print(stderr, "{}", to_text(found));
    if (live) {
        fmt::print("{}", to_text(*live));
    }
    if (!found.has_errors()) {
        fmt::print("Configuration is valid: {}\n", shown(checked));
    }
}

} // namespace

int validate_command(const source_options& source, const validate_options& given) {
    const auto checked = source_of(source);
    if (!checked) {
        return 1;
    }
    diagnostics found;
    const config::load_options options{.variables = config::process_environment(), .lenient = source.lenient};
    const auto loaded = app::load_bundle(*checked, options, found);
    contracts live;
    if (loaded && given.live) {
        live = app::live_check(*loaded, found);
    }
    if (given.format == "json") {
        print_json(found, live);
    } else {
        print_text(found, live, *checked);
    }
    if (!found.has_errors()) {
        return 0;
    }
    fmt::print(
        stderr,
        "{}: {} error(s), {} warning(s)\n",
        shown(*checked),
        found.error_count(),
        found.warning_count()
    );
    return 1;
}

} // namespace hyperterse::cli
