#pragma once

#include "adapter/batch.hpp"
#include "adapter/postgres/placement.hpp"
#include "adapter/postgres/types.hpp"
#include "adapter/postgres/values.hpp"
#include "statement/statement.hpp"

#include <atomic>
#include <cstddef>
#include <libpq-fe.h>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hyperterse::adapter::postgres {

// The columns of a result and how their values are shown. Immutable.
struct layout {
    std::vector<column> columns;
    std::vector<Oid> oids;
    std::vector<type_ptr> types;
};
using layout_ptr = std::shared_ptr<const layout>;

// Of a result that holds rows or their description.
layout_ptr layout_of(const PGresult* described, const type_table& types);
// Whether the result has just these columns.
bool fits(const layout& known, const PGresult* described);

// Adds the rows of `read` to `into`. REQUIRES: fits().
void append_rows(const PGresult* read, const layout& shown, const value_options& options, row_batch& into);

// What the adapter knows of one statement. Lives as long as the adapter; shared by all sessions and workers.
class plan {
public:
    using oids = std::vector<Oid>;

    explicit plan(const statement::statement& described);
    plan(const plan&) = delete;
    plan& operator=(const plan&) = delete;

    const std::string& text() const { return text_; }
    const std::vector<statement::parameter>& parameters() const { return parameters_; }
    bool is_for(const statement::statement& asked) const;

    // The types to send with the statement, 0 where the server infers it; empty: it infers all.
    oids declared_types() const;
    // As the server has accepted the statement with them.
    void declare_types(oids types);
    bool is_described() const { return described_.load(std::memory_order_relaxed); }

    placement place;

private:
    const std::string text_;
    const std::vector<statement::parameter> parameters_;
    mutable std::mutex mutex_; // guards declared_
    oids declared_;
    std::atomic<bool> described_ = false;
};

// The plans of an adapter. Any thread.
class plan_book {
public:
    plan& of(const statement::statement& described);

private:
    std::mutex mutex_;
    std::unordered_multimap<std::string_view, std::unique_ptr<plan>> plans_; // by text
};

} // namespace hyperterse::adapter::postgres
