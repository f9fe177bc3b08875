#include "config/scalars.hpp"
#include "config/stores.hpp"
#include "config/tables.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>

namespace hyperterse::config {

namespace {

using namespace std::chrono_literals;

constexpr std::array cache_fields{
    field{
        .key = "enabled",
        .accepts = flag(),
        .forgives = tolerance::wrong_kind,
        .description = "Keep answers.",
        .store = store_scalar<&cache_settings::enabled>,
    },
    field{
        .key = "ttl",
        .accepts = duration(1ms, 24h * 365),
        .forgives = tolerance::wrong_kind,
        .initial = "120",
        .description = "How long an answer is kept.",
        .store = store_scalar<&cache_settings::ttl>,
    },
};

// Upstream passes over any other 'ttl', and so over a section that has nothing else.
bool has_numeric_ttl(const node& given) {
    return std::ranges::any_of(given.members, [](const member& each) {
        const bool plain = each.value->kind == node_kind::scalar && each.value->style == scalar_style::plain;
        const scalar_kind kind = plain ? resolve_plain(each.value->text) : scalar_kind::text;
        return each.key->text == "ttl" && (kind == scalar_kind::integer || kind == scalar_kind::floating);
    });
}

} // namespace

const table cache_table{.fields = cache_fields};

void read_cache(reader& from, const field& row, const node& given, void*) {
    cache_settings written;
    from.nested_section(row, given, &written);
    if (written.ttl && !written.enabled) {
        constexpr std::string_view problem = "'cache' with a 'ttl' needs 'enabled'";
        if (has_numeric_ttl(given)) {
            from.error(from.place(given), problem);
        } else {
            from.warning(from.place(given), fmt::format("{}; it is ignored", problem));
        }
    }
    if (written.enabled.value_or(false)) {
        from.warning(from.place(given), "this build has no cache: the query always runs");
    }
}

} // namespace hyperterse::config
