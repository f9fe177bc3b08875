#include "app/server.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"

#include <fmt/format.h>
#include <utility>

namespace hyperterse::cli {

namespace {

app::overrides overrides_of(const run_options& given) {
    app::overrides said;
    if (!given.host.empty()) {
        said.host = given.host;
    }
    said.port = given.port;
    said.workers = given.workers;
    said.log_level = given.verbose ? log::level::debug : log::parse_level(given.log_level);
    if (!given.log_format.empty()) {
        said.log_format = given.log_format == "json" ? log::format::json : log::format::text;
    }
    return said;
}

} // namespace

int run_command(const run_options& given) {
    const auto source = source_of(given.source);
    if (!source) {
        return 1;
    }
    const config::load_options options{
        .variables = config::process_environment(), .lenient = given.source.lenient
    };
    diagnostics found;
    auto loaded = app::load_bundle(*source, options, found);
    fmt::print(stderr, "{}", to_text(found));
    if (!loaded) {
        return 1;
    }
    const auto variables = config::layered_environment(*source, options, found);
    const auto settings = app::resolve(loaded->model.server, overrides_of(given), variables);
    if (!settings) {
        fmt::print(stderr, "error: {}\n", settings.error().message());
        return 1;
    }
    log::start(settings->log);
    auto server = app::make_server(std::move(*loaded), *settings);
    int status = 1;
    if (server) {
        status = (*server)->run();
    } else {
        const error why = server.error();
        log::error("server", why.message(), {{"detail", why.detail().for_log()}});
    }
    log::stop();
    return status;
}

} // namespace hyperterse::cli
