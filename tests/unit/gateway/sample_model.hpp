#pragma once

#include "config/model.hpp"

#include <string>
#include <utility>

// Configurations as the loader would make them, for tests that start behind it.
namespace hyperterse::gateway::testing {

template <class T>
config::located<T> at(std::size_t line, T content) {
    config::located<T> made{};
    made.value = std::move(content);
    made.where = {"c.terse", line, 1};
    return made;
}

inline config::adapter_config sample_adapter(std::string name) {
    config::adapter_config made{};
    made.name = at(1, std::move(name));
    return made;
}

inline config::input_config sample_input(std::string name, value_type type) {
    config::input_config made{};
    made.name = at(20, std::move(name));
    made.type = at(21, type);
    return made;
}

inline config::query_config sample_query(std::string name, std::string statement) {
    config::query_config made{};
    made.name = at(10, std::move(name));
    made.use = {at(11, std::string("db"))};
    made.description = "a query";
    made.statement.value = std::move(statement);
    made.statement.where = {"c.terse", 12, 5};
    return made;
}

inline config::model sample_model(config::query_config query) {
    config::model made{};
    made.adapters = {sample_adapter("db"), sample_adapter("replica")};
    made.queries = {std::move(query)};
    return made;
}

} // namespace hyperterse::gateway::testing
