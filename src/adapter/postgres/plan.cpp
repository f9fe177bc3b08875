#include "adapter/postgres/plan.hpp"

#include <algorithm>
#include <utility>

namespace hyperterse::adapter::postgres {

layout_ptr layout_of(const PGresult* described, const type_table& types) {
    auto made = std::make_shared<layout>();
    const int count = PQnfields(described);
    for (int index = 0; index < count; ++index) {
        const Oid oid = PQftype(described, index);
        made->columns.push_back({PQfname(described, index)});
        made->oids.push_back(oid);
        made->types.push_back(types.find(oid));
    }
    return made;
}

bool fits(const layout& known, const PGresult* described) {
    const int count = PQnfields(described);
    if (static_cast<std::size_t>(count) != known.oids.size()) {
        return false;
    }
    for (int index = 0; index < count; ++index) {
        const auto at = static_cast<std::size_t>(index);
        if (PQftype(described, index) != known.oids[at] ||
            known.columns[at].name != PQfname(described, index)) {
            return false;
        }
    }
    return true;
}

void append_rows(const PGresult* read, const layout& shown, const value_options& options, row_batch& into) {
    const int rows = PQntuples(read);
    const int columns = PQnfields(read);
    for (int row = 0; row < rows; ++row) {
        for (int index = 0; index < columns; ++index) {
            if (PQgetisnull(read, row, index) != 0) {
                into.push(cell::null());
                continue;
            }
            const std::string_view text(
                PQgetvalue(read, row, index), static_cast<std::size_t>(PQgetlength(read, row, index))
            );
            into.push(to_cell(*shown.types[static_cast<std::size_t>(index)], text, options, into));
        }
    }
}

plan::plan(const statement::statement& described) :
    text_(described.text.view()), parameters_(described.parameters) {}

plan::oids plan::declared_types() const {
    const std::lock_guard held(mutex_);
    return declared_;
}

void plan::declare_types(oids types) {
    const std::lock_guard held(mutex_);
    declared_ = std::move(types);
    described_.store(true, std::memory_order_relaxed);
}

bool plan::is_for(const statement::statement& asked) const {
    const auto same_type = [](const statement::parameter& one, const statement::parameter& other) {
        return one.type == other.type && one.array == other.array;
    };
    return text_ == asked.text.view() && std::ranges::equal(parameters_, asked.parameters, same_type);
}

plan& plan_book::of(const statement::statement& described) {
    const std::lock_guard held(mutex_);
    const auto [first, last] = plans_.equal_range(described.text.view());
    for (auto known = first; known != last; ++known) {
        if (known->second->is_for(described)) {
            return *known->second;
        }
    }
    auto made = std::make_unique<plan>(described);
    plan& kept = *made;
    plans_.emplace(kept.text(), std::move(made));
    return kept;
}

} // namespace hyperterse::adapter::postgres
