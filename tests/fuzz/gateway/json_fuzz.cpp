#include "gateway/json_object.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

// Whatever is accepted, written again, must be accepted again and mean the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hyperterse::gateway;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_inputs(text, {});
    if (!parsed) {
        if (!parsed.error().message().starts_with("Invalid JSON: ")) {
            std::abort();
        }
        return 0;
    }
    json_value whole;
    whole.type = json_value::kind::object;
    whole.members = *parsed;
    std::string first;
    append_json(first, whole);
    const auto again = parse_json(first, {});
    if (!again) {
        std::abort();
    }
    std::string second;
    append_json(second, *again);
    if (first != second) {
        std::abort();
    }
    return 0;
}
