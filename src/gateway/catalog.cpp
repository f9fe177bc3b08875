#include "gateway/catalog.hpp"

#include "config/model.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace hyperterse::gateway {

namespace {

using adapter_index = std::unordered_map<std::string_view, std::size_t>;

// Compiles one query, reporting with its name in front.
class query_compiler {
public:
    query_compiler(
        const config::model& model,
        const adapter_index& adapter_of,
        std::span<const statement::dialect> dialects,
        const config::query_config& written,
        diagnostics& found
    ) :
        model_(model), adapter_of_(adapter_of), dialects_(dialects), written_(written), found_(found) {}

    query compile(std::size_t index) {
        query made{};
        made.index = index;
        made.name = written_.name.value;
        made.description = written_.description;
        made.timeout = written_.timeout.value_or(model_.server.query_timeout);
        made.max_rows = written_.max_rows.value_or(model_.server.query_max_rows);
        made.expose = written_.expose;
        made.tags = written_.tags;
        made.deprecated = written_.deprecated;
        made.where = written_.statement.where;
        made.adapters = compile_adapters();
        made.inputs = compile_inputs();
        made.outputs = compile_outputs();
        compile_statements(made);
        return made;
    }

private:
    std::string in_query(std::string_view message) const {
        return fmt::format("query '{}': {}", written_.name.value, message);
    }

    void error(const location& where, std::string_view message, std::string hint = {}) {
        found_.error(where, in_query(message), std::move(hint));
    }

    void report(const location& where, severity level, std::string_view message, std::string hint) {
        if (level == severity::error) {
            error(where, message, std::move(hint));
        } else {
            found_.warning(where, in_query(message), std::move(hint));
        }
    }

    std::vector<std::size_t> compile_adapters() {
        std::vector<std::size_t> adapters;
        for (const config::located<std::string>& each : written_.use) {
            const std::size_t index = adapter_of_.at(each.value);
            adapters.push_back(index);
            const std::size_t primary = adapters.front();
            if (dialects_[index] != dialects_[primary]) {
                error(
                    each.where,
                    fmt::format(
                        "adapter '{}' is another kind of database than the primary '{}'",
                        each.value,
                        model_.adapters[primary].name.value
                    )
                );
            }
        }
        return adapters;
    }

    std::vector<input> compile_inputs() {
        std::vector<input> inputs;
        inputs.reserve(written_.inputs.size());
        diagnostics in_inputs;
        for (const config::input_config& each : written_.inputs) {
            inputs.push_back(compile_input(each, in_inputs));
        }
        for (const diagnostic& each : in_inputs.sorted()) {
            report(each.where, each.level, each.message, each.hint);
        }
        return inputs;
    }

    std::vector<output> compile_outputs() {
        std::vector<output> outputs;
        outputs.reserve(written_.data.size());
        for (const config::data_config& each : written_.data) {
            const std::string& shown_as = each.map_to ? *each.map_to : each.name.value;
            const auto same = std::ranges::find(outputs, shown_as, &output::shown_as);
            if (same != outputs.end()) {
                error(
                    each.name.where,
                    fmt::format(
                        "columns '{}' and '{}' are both shown as '{}'", same->name, each.name.value, shown_as
                    )
                );
            }
            outputs.push_back(
                {.name = each.name.value,
                 .type = each.type.value,
                 .description = each.description,
                 .shown_as = shown_as,
                 .redact = each.redact}
            );
        }
        return outputs;
    }

    void compile_statements(query& into) {
        const std::vector<std::vector<std::string>> fragments = choice_fragments();
        std::vector<statement::input_declaration> declarations;
        declarations.reserve(into.inputs.size());
        for (const input& each : into.inputs) {
            declarations.push_back(
                {.name = each.name,
                 .type = each.type,
                 .array = each.array,
                 .fragments = fragments[declarations.size()]}
            );
        }
        const statement::dialect target = dialects_[into.adapters.front()];
        auto [compiled, problems] = statement::compile(written_.statement.value, target, declarations);
        for (statement::problem& each : problems) {
            report(written_.statement.at(each.offset), each.level, each.message, std::move(each.hint));
        }
        if (!compiled) {
            return;
        }
        into.statements = *std::move(compiled);
        into.effect = decide_effect(into.statements);
        warn_of_unused_inputs(into);
    }

    // Per input, in configuration order; empty for all but choices.
    std::vector<std::vector<std::string>> choice_fragments() const {
        std::vector<std::vector<std::string>> fragments(written_.inputs.size());
        for (std::size_t index = 0; index < fragments.size(); ++index) {
            for (const config::input_config::choice& each : written_.inputs[index].choices) {
                fragments[index].push_back(each.fragment.value);
            }
        }
        return fragments;
    }

    // What the configuration claims, else what the words of the statement say.
    statement::effect decide_effect(const statement::compiled_template& statements) {
        const bool writes = std::ranges::any_of(statements.variants, [](const statement::statement& variant) {
            return variant.apparent_effect == statement::effect::write;
        });
        const statement::effect apparent = writes ? statement::effect::write : statement::effect::read;
        if (!written_.effect) {
            return apparent;
        }
        if (written_.effect->value == config::declared_effect::write) {
            return statement::effect::write;
        }
        if (writes) {
            error(
                written_.effect->where,
                "'effect' says read, but the statement writes",
                "leave 'effect' out, or say write"
            );
        }
        return statement::effect::read;
    }

    void warn_of_unused_inputs(const query& made) {
        for (std::size_t index = 0; index < made.inputs.size(); ++index) {
            if (!made.statements.input_used[index]) {
                found_.warning(
                    written_.inputs[index].name.where,
                    in_query(fmt::format("input '{}' is never used", made.inputs[index].name))
                );
            }
        }
    }

    const config::model& model_;
    const adapter_index& adapter_of_;
    std::span<const statement::dialect> dialects_;
    const config::query_config& written_;
    diagnostics& found_;
};

} // namespace

catalog::catalog(std::vector<query> queries) : queries_(std::move(queries)) {
    by_name_.reserve(queries_.size());
    for (const query& each : queries_) {
        by_name_.emplace(each.name, &each);
    }
}

const query* catalog::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

std::unique_ptr<const catalog>
compile(const config::model& model, std::span<const statement::dialect> dialects, diagnostics& found) {
    adapter_index adapter_of;
    for (std::size_t index = 0; index < model.adapters.size(); ++index) {
        adapter_of.emplace(model.adapters[index].name.value, index);
    }
    std::vector<query> queries;
    queries.reserve(model.queries.size());
    for (const config::query_config& written : model.queries) {
        query_compiler compiler(model, adapter_of, dialects, written, found);
        queries.push_back(compiler.compile(queries.size()));
    }
    return found.has_errors() ? nullptr : std::make_unique<const catalog>(std::move(queries));
}

} // namespace hyperterse::gateway
