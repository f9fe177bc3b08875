#include "cli/contracts.hpp"

#include "base/json_text.hpp"

#include <fmt/format.h>
#include <iterator>
#include <string_view>

namespace hyperterse::cli {

namespace {

using column = adapter::contract::output;

std::string_view effect_of(const gateway::query& query) {
    return query.read_only() ? "read" : "write";
}

void append_json(std::string& json, const column& shown) {
    json += "{\"name\":";
    append_json_string(json, shown.name);
    if (!shown.type.empty()) {
        json += ",\"type\":";
        append_json_string(json, shown.type);
    }
    if (shown.nullable) {
        json += *shown.nullable ? ",\"nullable\":true" : ",\"nullable\":false";
    }
    json += '}';
}

void append_json(std::string& json, const app::query_contract& shown) {
    json += "{\"name\":";
    append_json_string(json, shown.query->name);
    fmt::format_to(std::back_inserter(json), ",\"effect\":\"{}\",\"columns\":[", effect_of(*shown.query));
    for (const column& each : shown.contract.columns) {
        if (&each != &shown.contract.columns.front()) {
            json += ',';
        }
        append_json(json, each);
    }
    json += "]}";
}

} // namespace

std::string to_text(const std::vector<app::query_contract>& contracts) {
    std::string text;
    auto out = std::back_inserter(text);
    for (const auto& [query, contract] : contracts) {
        fmt::format_to(out, "{} ({})\n", query->name, effect_of(*query));
        for (const auto& [name, type, nullable] : contract.columns) {
            const std::string_view null_note = !nullable ? "" : *nullable ? ", may be null" : ", never null";
            fmt::format_to(out, "  {}: {}{}\n", name, type.empty() ? "any type" : type, null_note);
        }
        if (contract.columns.empty()) {
            fmt::format_to(out, "  no rows\n");
        }
    }
    return text;
}

std::string to_json(const std::vector<app::query_contract>& contracts) {
    std::string json = "[";
    for (const app::query_contract& each : contracts) {
        if (&each != &contracts.front()) {
            json += ',';
        }
        append_json(json, each);
    }
    json += ']';
    return json;
}

} // namespace hyperterse::cli
