#pragma once

#include "adapter/batch.hpp"
#include "adapter/postgres/types.hpp"

#include <string_view>

namespace hyperterse::adapter::postgres {

struct value_options {
    bool bigint_as_text = false;   // integers that a double cannot hold become text
    bool decimals_as_text = false; // numeric
};

// A value as the server writes it in text format, shown as its type says; text is copied to `into`, where the
// cell points. Text that the type cannot have is shown as it is, except json, which is trusted. The session
// writes ISO dates, ISO 8601 intervals and floats with all digits, in UTF-8; its time zone may be any.
cell to_cell(
    const type_description& type, std::string_view server_text, const value_options& options, row_batch& into
);

} // namespace hyperterse::adapter::postgres
