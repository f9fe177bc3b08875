#include "config/stores.hpp"
#include "config/tables.hpp"

#include <array>

namespace hyperterse::config {

namespace {

constexpr std::array export_fields{
    field{
        .key = "out",
        .accepts = text(),
        .forgives = tolerance::wrong_kind,
        .initial = "dist",
        .description = "Folder that the bundle is written to.",
        .store = store_scalar<&export_config::out>,
    },
    field{
        .key = "clean_dir",
        .accepts = flag(),
        .forgives = tolerance::wrong_kind,
        .initial = "false",
        .description = "Empty the folder first.",
        .store = store_scalar<&export_config::clean_dir>,
    },
};
constexpr table export_table{.fields = export_fields};

constexpr shape version_shape{.type = shape::kind::text, .numbers_too = true};

constexpr field adapters_row{
    .key = "adapters",
    .accepts = entries("adapter", mixed_name, adapter_table),
    .needed = presence::required_in_total,
    .description = "Database connections by name.",
    .store = store_entries<&file_content::written, &model::adapters>,
};
constexpr field queries_row{
    .key = "queries",
    .accepts = entries("query", lower_name, query_table),
    .needed = presence::required_in_total,
    .description = "Named statements with typed inputs; each is an endpoint.",
    .store = store_entries<&file_content::written, &model::queries>,
};

constexpr std::array root_fields{
    field{
        .key = "name",
        .accepts = {.type = shape::kind::text, .least = 1, .names = &lower_name},
        .needed = presence::required,
        .description = "Names the bundle and the service in metrics and traces.",
        .store = store_scalar<&file_content::written, &model::name>,
    },
    field{
        .key = "version",
        .accepts = version_shape,
        .forgives = tolerance::wrong_kind,
        .initial = "0.0.0",
        .description = "Version of the service, shown in documents.",
        .store = store_scalar<&file_content::written, &model::version>,
    },
    field{
        .key = "description",
        .accepts = any_text(),
        .forgives = tolerance::wrong_kind,
        .description = "What the service is for, shown in documents and to agents.",
        .store = store_scalar<&file_content::written, &model::description>,
    },
    field{
        .key = "server",
        .accepts = section(server_table),
        .forgives = tolerance::wrong_kind,
        .description = "How the service listens and what bounds it.",
        .store = store_section<&file_content::written, &model::server>,
    },
    adapters_row,
    queries_row,
    field{
        .key = "export",
        .accepts = section(export_table),
        .forgives = tolerance::wrong_kind,
        .description = "Settings of the bundle.",
        .store = store_section<&file_content::written, &model::bundle>,
    },
    field{
        .key = "include",
        .accepts = {.type = shape::kind::text_list, .least = 1, .single_too = true},
        .description = "Other files, paths or globs, whose adapters and queries are merged into this one.",
        .store = store_list<&file_content::include>,
    },
};

constexpr std::array included_fields{adapters_row, queries_row};

} // namespace

const table root_table{.fields = root_fields};
const table included_table{.fields = included_fields};

} // namespace hyperterse::config
