#include "adapter/cell_json.hpp"

#include "base/base64.hpp"
#include "base/json_text.hpp"

namespace hyperterse::adapter {

void append_json(std::string& out, const cell& shown) {
    switch (shown.kind) {
    case cell_kind::null:
        out += "null";
        return;
    case cell_kind::boolean:
        out += shown.boolean ? "true" : "false";
        return;
    case cell_kind::integer:
        append_json_number(out, shown.integer);
        return;
    case cell_kind::floating:
        append_json_number(out, shown.floating);
        return;
    case cell_kind::decimal:
    case cell_kind::json:
        out += shown.text;
        return;
    case cell_kind::text:
        append_json_string(out, shown.text);
        return;
    case cell_kind::bytes:
        out += '"';
        append_base64(out, shown.text);
        out += '"';
        return;
    }
}

} // namespace hyperterse::adapter
