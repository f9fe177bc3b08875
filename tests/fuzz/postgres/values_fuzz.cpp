#include "adapter/cell_json.hpp"
#include "adapter/postgres/values.hpp"

#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hyperterse::adapter::postgres;

type_ptr array_of(type_ptr element) {
    return std::make_shared<type_description>(
        type_description{.name = "array", .shape = value_shape::array, .element = std::move(element)}
    );
}

type_ptr object_of(const std::vector<type_ptr>& attributes) {
    type_description made{.name = "object", .shape = value_shape::object};
    for (const type_ptr& each : attributes) {
        made.attributes.push_back({"\"a" + std::to_string(made.attributes.size()) + "\"", each});
    }
    return std::make_shared<type_description>(std::move(made));
}

// One type of each shape but json, whose text is trusted, then what they can be nested to. The first byte of
// an input chooses: a corpus depends on the order.
std::vector<type_ptr> make_types() {
    const type_table known;
    std::vector<type_ptr> types;
    for (const Oid oid : {25, 16, 20, 701, 1700, 17, 1114, 1184, 1266}) { // text, boolean, bigint, …, timetz
        types.push_back(known.find(oid));
        types.push_back(array_of(types.back()));
    }
    types.push_back(known.find(1020)); // box[]
    types.push_back(object_of({}));
    types.push_back(object_of({known.find(20), known.find(25)}));
    types.push_back(array_of(types.back()));
    types.push_back(object_of({types.back(), known.find(1185), known.find(1001)}));
    return types;
}

} // namespace

// Whatever the server might write, the cell is valid JSON, under all options.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hyperterse::adapter;
    static const std::vector<type_ptr> types = make_types();
    if (size == 0) {
        return 0;
    }
    // A copy of exactly this size, so that reading beyond it is seen.
    const std::vector<char> text(data + 1, data + size);
    for (const value_options& options :
         {value_options{}, value_options{.bigint_as_text = true, .decimals_as_text = true}}) {
        row_batch batch;
        std::string json;
        append_json(
            json, to_cell(*types[data[0] % types.size()], {text.data(), text.size()}, options, batch)
        );
        boost::json::error_code code;
        boost::json::parse(json, code, {}, {.max_depth = 64});
        if (code) {
            std::abort();
        }
    }
    return 0;
}
