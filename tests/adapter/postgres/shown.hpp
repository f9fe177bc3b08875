#pragma once

#include "adapter/cell_json.hpp"
#include "adapter/postgres/values.hpp"

#include <string>
#include <string_view>

namespace hyperterse::test {

// A value as clients see it: the server's text as the JSON of its cell.
inline std::string shown(
    const adapter::postgres::type_description& type,
    std::string_view server_text,
    const adapter::postgres::value_options& options = {}
) {
    adapter::row_batch batch;
    std::string json;
    adapter::append_json(json, adapter::postgres::to_cell(type, server_text, options, batch));
    return json;
}

} // namespace hyperterse::test
