#include "adapter/postgres/prepare.hpp"

#include "adapter/postgres/arguments.hpp"
#include "adapter/postgres/errors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

// What a batch led to: its last result and its first failure.
struct batch_outcome {
    result_handle said;
    std::optional<server_failure> failed;
};

// Until the end of the batch.
task<result<batch_outcome>> outcome_of(conversation& talk, const call_context& context) {
    batch_outcome outcome;
    while (true) {
        result<reply> next = co_await talk.next(context);
        if (!next) {
            co_return std::move(next).error();
        }
        switch (next->what) {
        case reply::kind::complete:
            outcome.said = std::move(next->content);
            break;
        case reply::kind::failed:
            if (!outcome.failed) {
                outcome.failed = failure(next->content.get(), 0);
            }
            break;
        case reply::kind::row:
        case reply::kind::skipped:
        case reply::kind::lost:
            break;
        case reply::kind::synced:
            if (next->content && !outcome.failed) {
                outcome.failed = failure(next->content.get(), 0);
            }
            co_return std::move(outcome);
        }
    }
}

// The types to try when the server could not infer those of all parameters: declared for the parameter that
// it names, or for all. Empty: there is nothing left to declare.
plan::oids more_types(const plan& what, plan::oids types, std::size_t parameter) {
    const auto& parameters = what.parameters();
    const auto declare = [&](std::size_t index) { types[index] = declared_type(parameters[index]); };
    types.resize(parameters.size());
    if (std::ranges::find(types, Oid{0}) == types.end()) {
        return {};
    }
    if (parameter >= 1 && parameter <= types.size() && types[parameter - 1] == 0) {
        declare(parameter - 1);
        return types;
    }
    for (std::size_t index = 0; index < types.size(); ++index) {
        declare(index);
    }
    return types;
}

std::vector<Oid> column_types(const PGresult* described) {
    std::vector<Oid> types;
    for (int index = 0; index < PQnfields(described); ++index) {
        types.push_back(PQftype(described, index));
    }
    return types;
}

// Asks the catalogue for the types that nobody has met yet. A type that it does not tell is shown as text.
task<result<void>> learn_types(conversation& talk, const PGresult* described, const call_context& context) {
    type_table& types = talk.on().adapter().types;
    const std::vector<Oid> unknown = types.unknown(column_types(described));
    if (unknown.empty()) {
        co_return result<void>();
    }
    const std::string asked = type_table::parameter_of(unknown);
    talk.with().begin(statement::effect::read);
    talk.with().query(type_table::catalogue_query(), {asked.c_str()});
    talk.with().end();
    const result<batch_outcome> told = co_await outcome_of(talk, context);
    if (!told) {
        co_return told.error();
    }
    if (!told->failed) {
        types.add(told->said.get());
    }
    co_return result<void>();
}

// An array literal of numbers, by a function of the column's index.
template <class Number>
std::string array_of(int count, Number number) {
    std::string text = "{";
    for (int index = 0; index < count; ++index) {
        text += fmt::format("{}{}", index == 0 ? "" : ",", number(index));
    }
    return text + "}";
}

constexpr const char* columns_query =
    "SELECT pg_catalog.format_type(c.type, c.modifier), a.attnotnull "
    "FROM ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::int4[]), "
    "pg_catalog.unnest($3::oid[]), pg_catalog.unnest($4::int4[])) WITH ORDINALITY "
    "AS c(type, modifier, relation, number, position) "
    "LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.relation AND a.attnum = c.number AND c.number "
    "> 0 "
    "ORDER BY c.position";

// A column that its table declares NOT NULL can still be null behind an outer join or in a grouping set. The
// words are looked for anywhere in the text: one too many only leaves the answer open.
bool may_add_nulls(std::string_view text) {
    constexpr std::array<std::string_view, 6> words{"left", "right", "full", "grouping", "rollup", "cube"};
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return std::ranges::any_of(words, [&](std::string_view word) {
        return lower.find(word) != std::string::npos;
    });
}

} // namespace

task<result<result_handle>> prepare(conversation& talk, plan& what, const call_context& context) {
    plan::oids types = what.declared_types();
    while (true) {
        talk.with().forget(what);
        talk.with().begin(statement::effect::read);
        talk.with().prepare(what, types);
        talk.with().describe(what);
        talk.with().end();
        result<batch_outcome> outcome = co_await outcome_of(talk, context);
        if (!outcome) {
            co_return std::move(outcome).error();
        }
        if (!outcome->failed) {
            what.declare_types(std::move(types));
            const result<void> learnt = co_await learn_types(talk, outcome->said.get(), context);
            if (!learnt) {
                co_return learnt.error();
            }
            co_return std::move(outcome->said);
        }
        talk.with().forget(what);
        if (!is_missing_type(outcome->failed->state)) {
            co_return std::move(outcome->failed->why);
        }
        types = more_types(what, std::move(types), outcome->failed->parameter);
        if (types.empty()) {
            co_return std::move(outcome->failed->why);
        }
    }
}

task<result<contract>> describe(conversation& talk, plan& what, const call_context& context) {
    const result<result_handle> described = co_await prepare(talk, what, context);
    if (!described) {
        co_return described.error();
    }
    const PGresult* const columns = described->get();
    const int count = PQnfields(columns);
    const std::string types = array_of(count, [&](int index) { return PQftype(columns, index); });
    const std::string modifiers = array_of(count, [&](int index) { return PQfmod(columns, index); });
    const std::string relations = array_of(count, [&](int index) { return PQftable(columns, index); });
    const std::string numbers = array_of(count, [&](int index) { return PQftablecol(columns, index); });
    talk.with().begin(statement::effect::read);
    talk.with().query(columns_query, {types.c_str(), modifiers.c_str(), relations.c_str(), numbers.c_str()});
    talk.with().end();
    const result<batch_outcome> told = co_await outcome_of(talk, context);
    if (!told) {
        co_return told.error();
    }
    const PGresult* const known = told->failed ? nullptr : told->said.get();
    const bool nulls_added = may_add_nulls(what.text());
    contract said;
    for (int index = 0; index < count; ++index) {
        contract::output column{.name = PQfname(columns, index), .type = {}, .nullable = std::nullopt};
        if (known != nullptr && index < PQntuples(known)) {
            const std::string_view not_null = PQgetvalue(known, index, 1);
            column.type = PQgetvalue(known, index, 0);
            if (not_null == "t" && !nulls_added) {
                column.nullable = false;
            } else if (not_null == "f") {
                column.nullable = true;
            }
        }
        said.columns.push_back(std::move(column));
    }
    co_return said;
}

} // namespace hyperterse::adapter::postgres
