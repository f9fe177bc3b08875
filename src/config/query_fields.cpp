#include "config/stores.hpp"
#include "config/tables.hpp"

#include <array>
#include <chrono>

namespace hyperterse::config {

namespace {

using namespace std::chrono_literals;

constexpr std::array effects{
    word{"read", static_cast<std::int64_t>(declared_effect::read)},
    word{"write", static_cast<std::int64_t>(declared_effect::write)},
};

enum class surface : std::uint8_t { rest, mcp };
constexpr std::array surface_words{
    word{"rest", static_cast<std::int64_t>(surface::rest)},
    word{"mcp", static_cast<std::int64_t>(surface::mcp)},
};

constexpr std::array column_types{
    word{"string", static_cast<std::int64_t>(value_type::string)},
    word{"int", static_cast<std::int64_t>(value_type::integer)},
    word{"float", static_cast<std::int64_t>(value_type::floating)},
    word{"boolean", static_cast<std::int64_t>(value_type::boolean)},
    word{"uuid", static_cast<std::int64_t>(value_type::uuid)},
    word{"datetime", static_cast<std::int64_t>(value_type::datetime)},
    word{"date", static_cast<std::int64_t>(value_type::date)},
    word{"decimal", static_cast<std::int64_t>(value_type::decimal)},
    word{"json", static_cast<std::int64_t>(value_type::json)},
};

void read_use(reader& from, const field& row, const node& given, query_config& query) {
    for (scalar_value& each : from.scalar_list(row, given)) {
        assign(query.use.emplace_back(), std::move(each));
    }
    if (query.use.empty() && from.clean()) {
        from.error(from.place(given), "'use' must name an adapter");
    }
}

void read_statement(reader& from, const field& row, const node& given, query_config& query) {
    if (query.statement.where.line != 0) {
        from.error(from.place(given), "'statement' and 'statement_file' exclude each other");
        return;
    }
    query.statement.where = from.place(given);
    const bool in_file = row.key == "statement_file";
    if (auto text = in_file ? from.statement_file(row, given) : from.statement(row, given)) {
        query.statement = *std::move(text);
    }
}

void read_expose(reader& from, const field& row, const node& given, query_config& query) {
    query.expose = {.rest = false, .mcp = false};
    for (const scalar_value& each : from.scalar_list(row, given)) {
        const bool is_rest = each.number == static_cast<std::int64_t>(surface::rest);
        (is_rest ? query.expose.rest : query.expose.mcp) = true;
    }
}

void check_query(reader& from, const location& at, query_config& query) {
    if (query.statement.where.line == 0) {
        from.error(at, "'statement' is required");
    }
}

constexpr std::array data_fields{
    field{
        .key = "type",
        .accepts = one_of(column_types),
        .needed = presence::required,
        .description = "Type of the column.",
        .store = store_scalar<&data_config::type>,
    },
    field{
        .key = "description",
        .accepts = any_text(),
        .forgives = tolerance::wrong_kind,
        .description = "What the column holds.",
        .store = store_scalar<&data_config::description>,
    },
    field{
        .key = "map_to",
        .accepts = any_text(),
        .forgives = tolerance::wrong_kind,
        .description = "Name of the column in answers.",
        .store = store_scalar<&data_config::map_to>,
    },
    field{
        .key = "redact",
        .accepts = flag(),
        .initial = "false",
        .description = "Mask the values in answers.",
        .store = store_scalar<&data_config::redact>,
    },
};
constexpr table data_table{.fields = data_fields};

constexpr std::array query_fields{
    field{
        .key = "use",
        .accepts = {.type = shape::kind::text_list, .least = 1, .single_too = true},
        .needed = presence::required,
        .forgives = tolerance::wrong_kind,
        .description = "Adapter; of a list, the first is the primary and the others are replicas for reads.",
        .store = store_by<query_config, read_use>,
    },
    field{
        .key = "description",
        .accepts = text(),
        .needed = presence::required,
        .description = "What the query answers and when to use it.",
        .store = store_scalar<&query_config::description>,
    },
    field{
        .key = "statement",
        .accepts = text(),
        .description = "The statement; {{ inputs.x }} is a value.",
        .store = store_by<query_config, read_statement>,
    },
    field{
        .key = "statement_file",
        .accepts = text(),
        .description = "File that holds the statement instead.",
        .store = store_by<query_config, read_statement>,
    },
    field{
        .key = "inputs",
        .accepts = entries("input", mixed_name, input_table),
        .forgives = tolerance::wrong_kind,
        .description = "Typed inputs by name.",
        .store = store_entries<&query_config::inputs>,
    },
    field{
        .key = "data",
        .accepts = entries("data", column_name, data_table),
        .forgives = tolerance::wrong_kind,
        .description = "Columns of the answer by name.",
        .store = store_entries<&query_config::data>,
    },
    field{
        .key = "effect",
        .accepts = one_of(effects),
        .description = "Whether the statement changes data; derived when absent.",
        .store = store_scalar<&query_config::effect>,
    },
    field{
        .key = "cache",
        .accepts = section(cache_table),
        .forgives = tolerance::wrong_kind,
        .description = "Whether and how long answers are kept.",
        .store = read_cache,
    },
    field{
        .key = "timeout",
        .accepts = duration(1ms, 24h),
        .description = "Longest time of a call.",
        .store = store_scalar<&query_config::timeout>,
    },
    field{
        .key = "max_rows",
        .accepts = whole(1, 1'000'000'000),
        .description = "Most rows of an answer.",
        .store = store_scalar<&query_config::max_rows>,
    },
    field{
        .key = "expose",
        .accepts = {.type = shape::kind::word_list, .words = surface_words, .single_too = true},
        .description = "Surfaces that offer the query; all when absent.",
        .store = store_by<query_config, read_expose>,
    },
    field{
        .key = "tags",
        .accepts = {.type = shape::kind::text_list, .least = 1, .single_too = true},
        .description = "Groups that documents show the query in.",
        .store = store_list<&query_config::tags>,
    },
    field{
        .key = "deprecated",
        .accepts = flag(),
        .initial = "false",
        .description = "Documents say not to use the query any more.",
        .store = store_scalar<&query_config::deprecated>,
    },
    field{.key = "access", .needed = presence::planned},
    field{.key = "rate_limit", .needed = presence::planned},
};

} // namespace

const table query_table{.fields = query_fields, .finish = finish_by<query_config, check_query>};

} // namespace hyperterse::config
