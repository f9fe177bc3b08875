#include "config/checks.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <unordered_map>

namespace hyperterse::config {

namespace {

// More adapters than this are neither listed nor searched for a similar name.
constexpr std::size_t most_suggested = 20;

using defined_names = std::unordered_map<std::string_view, const location*>;

template <class T>
defined_names check_unique(const std::vector<T>& items, std::string_view what, diagnostics& found) {
    defined_names defined;
    for (const T& each : items) {
        const auto [first, added] = defined.try_emplace(each.name.value, &each.name.where);
        if (!added) {
            const location& before = *first->second;
            found.error(
                each.name.where,
                fmt::format(
                    "{} '{}' is already defined at {}:{}:{}",
                    what,
                    each.name.value,
                    before.file,
                    before.line,
                    before.column
                )
            );
        }
    }
    return defined;
}

std::string suggestion(const located<std::string>& wanted, const model& merged) {
    if (merged.adapters.empty()) {
        return {};
    }
    std::vector<std::string_view> names;
    for (const adapter_config& each : merged.adapters) {
        if (names.size() < most_suggested) {
            names.push_back(each.name.value);
        }
    }
    const std::string list = fmt::format("adapters: {}", join(names));
    const std::string similar = wanted.secret ? std::string() : did_you_mean(wanted.value, names);
    return similar.empty() ? list : fmt::format("{} ({})", similar, list);
}

void check_use(
    const query_config& query, const model& merged, const defined_names& adapters, diagnostics& found
) {
    for (auto each = query.use.begin(); each != query.use.end(); ++each) {
        const auto problem = [&](std::string_view what, std::string hint) {
            found.error(
                each->where,
                fmt::format("query '{}': adapter '{}' {}", query.name.value, shown(*each), what),
                std::move(hint)
            );
        };
        if (!adapters.contains(each->value)) {
            problem("is not defined", suggestion(*each, merged));
        } else if (std::ranges::find(query.use.begin(), each, each->value, &located<std::string>::value) !=
                   each) {
            problem("is listed twice", {});
        }
    }
}

} // namespace

void check_references(const model& merged, diagnostics& found) {
    const defined_names adapters = check_unique(merged.adapters, "adapter", found);
    check_unique(merged.queries, "query", found);
    for (const query_config& each : merged.queries) {
        check_use(each, merged, adapters, found);
    }
}

} // namespace hyperterse::config
