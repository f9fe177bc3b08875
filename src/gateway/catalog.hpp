#pragma once

#include "adapter/adapter.hpp"
#include "adapter/backend.hpp"
#include "base/diagnostic.hpp"
#include "config/model.hpp"
#include "gateway/inputs.hpp"
#include "statement/compile.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hyperterse::gateway {

// A declared output column.
struct output {
    std::string name;
    value_type type;
    std::string description;
    std::string shown_as; // map_to, or the name
    bool redact = false;
};

// A query of the configuration, compiled: all that serving and describing it needs. Immutable.
struct query {
    std::size_t index; // in catalog::queries()
    std::string name;
    std::string description;
    std::vector<std::size_t> adapters; // indices into the model's adapters; the first is the primary
    std::vector<input> inputs;
    std::vector<output> outputs; // declared ones
    statement::compiled_template statements;
    statement::effect effect;
    std::chrono::milliseconds timeout;
    std::size_t max_rows;
    config::surfaces expose;
    std::vector<std::string> tags;
    bool deprecated = false;
    location where; // of the statement, for messages about it

    bool read_only() const { return effect == statement::effect::read; }
};

// Every query, in file order, and by name in constant time. Immutable; shared by all workers.
class catalog {
public:
    explicit catalog(std::vector<query> queries);
    catalog(const catalog&) = delete; // by_name_ points into queries_
    catalog& operator=(const catalog&) = delete;

    const std::vector<query>& queries() const { return queries_; }
    const query* find(std::string_view name) const; // nullptr: no such query

private:
    std::vector<query> queries_;
    std::unordered_map<std::string_view, const query*> by_name_;
};

// Compiles every input and statement of the model; the dialect of adapter i is dialects[i]. Reports what
// config::load cannot see: bad defaults and constraints, placeholders without input, unused inputs,
// statements that cannot be bound, an effect that the statement contradicts. Null exactly when `found` has an
// error.
std::unique_ptr<const catalog>
compile(const config::model& model, std::span<const statement::dialect> dialects, diagnostics& found);

} // namespace hyperterse::gateway
