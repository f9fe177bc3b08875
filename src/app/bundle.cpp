#include "app/bundle.hpp"

#include "app/backends.hpp"
#include "base/text.hpp"

#include <string>
#include <utility>

namespace hyperterse::app {

namespace {

// Empty, and reported, when the connector is not in this build or an option is wrong.
std::optional<adapter_plan>
plan(const config::adapter_config& written, const config::model& whole, diagnostics& found) {
    const adapter::backend* backend = find_backend(written.connector.value);
    if (backend == nullptr) {
        found.error(
            written.connector.where,
            "adapter '" + written.name.value + "': connector '" +
                std::string(config::name(written.connector.value)) + "' is not in this build yet",
            "this build has: " + join(connector_names())
        );
        return std::nullopt;
    }
    adapter_plan planned{.backend = backend, .options = options_of(written, whole)};
    backend->check(planned.options, written.connection_string.where, found);
    return planned;
}

} // namespace

std::optional<bundle>
load_bundle(const config::source& from, const config::load_options& options, diagnostics& found) {
    auto model = config::load(from, options, found);
    if (!model) {
        return std::nullopt;
    }
    bundle loaded{.model = std::move(*model), .adapters = {}, .queries = nullptr};
    std::vector<statement::dialect> dialects;
    for (const config::adapter_config& written : loaded.model.adapters) {
        auto planned = plan(written, loaded.model, found);
        if (planned) {
            dialects.push_back(planned->backend->dialect);
            loaded.adapters.push_back(std::move(*planned));
        }
    }
    if (loaded.adapters.size() == loaded.model.adapters.size()) {
        loaded.queries = gateway::compile(loaded.model, dialects, found);
    }
    if (found.has_errors()) {
        return std::nullopt;
    }
    return loaded;
}

} // namespace hyperterse::app
