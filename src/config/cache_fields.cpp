#include "config/stores.hpp"
#include "config/tables.hpp"

#include <array>
#include <chrono>

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

} // namespace

const table cache_table{.fields = cache_fields};

void read_cache(reader& from, const field& row, const node& given, void*) {
    cache_settings written;
    from.nested_section(row, given, &written);
    if (written.ttl && !written.enabled) {
        from.error(from.place(given), "'cache' with a 'ttl' needs 'enabled'");
    }
    if (written.enabled.value_or(false)) {
        from.warning(from.place(given), "this build has no cache: the query always runs");
    }
}

} // namespace hyperterse::config
