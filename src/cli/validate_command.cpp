#include "app/bundle.hpp"
#include "app/live_check.hpp"
#include "cli/commands.hpp"

#include <fmt/format.h>

namespace hyperterse::cli {

namespace {

std::string shown(const config::source& checked) {
    return checked.text ? "source" : checked.file.string();
}

} // namespace

int validate_command(const validate_options& given) {
    const auto source = source_of(given.source);
    if (!source) {
        return 1;
    }
    diagnostics found;
    const auto loaded = app::load_bundle(
        *source, {.variables = config::process_environment(), .lenient = given.source.lenient}, found
    );
    std::string contracts;
    if (loaded && given.live) {
        contracts = app::live_check(*loaded, found);
    }
    if (given.format == "json") {
        fmt::print("{}", to_json(found));
    } else {
        fmt::print(stderr, "{}", to_text(found));
        fmt::print("{}", contracts);
    }
    if (found.has_errors()) {
        fmt::print(
            stderr,
            "{}: {} error(s), {} warning(s)\n",
            shown(*source),
            found.error_count(),
            found.warning_count()
        );
        return 1;
    }
    if (given.format == "text") {
        fmt::print("Configuration is valid: {}\n", shown(*source));
    }
    return 0;
}

} // namespace hyperterse::cli
