#include "gateway/inputs.hpp"

#include "base/text.hpp"

#include <cstdint>
#include <cstdlib>
#include <re2/re2.h>
#include <string>

namespace {

using namespace hyperterse;
using namespace hyperterse::gateway;

// One input of every type, single and as an array, with every bound that the type has.
std::vector<input> every_input() {
    std::vector<input> inputs;
    for (std::size_t index = 0; index <= static_cast<std::size_t>(value_type::choice); ++index) {
        input made{};
        made.type = static_cast<value_type>(index);
        made.name = "x";
        inputs.push_back(made);
        made.array = made.type != value_type::choice;
        made.bounds.max_items = 3;
        inputs.push_back(made);
    }
    for (input& each : inputs) {
        if (each.type == value_type::string) {
            each.bounds.max_length = 20;
            each.bounds.format = each.array ? "email" : "uri";
            each.bounds.pattern = std::make_shared<const re2::RE2>("(a|b)*.*");
        } else if (each.type == value_type::decimal) {
            each.bounds.min = std::string("-1000.5");
            each.bounds.max = std::string("1000.5");
        } else if (each.type == value_type::datetime) {
            each.bounds.min = std::string("1970-01-01T00:00:00Z");
        } else if (each.type == value_type::choice) {
            each.choice_words = {"newest", "name"};
        }
    }
    return inputs;
}

// Accepted text is bound as it is, so none of it may be what a database refuses; what is refused must be
// said.
void check(const result<std::vector<value>>& validated) {
    if (!validated) {
        if (validated.error().code() != errc::invalid_input || validated.error().fields().empty()) {
            std::abort();
        }
        return;
    }
    if (validated->size() != 1) {
        std::abort();
    }
    if (const auto* text = std::get_if<std::string>(&validated->front())) {
        if (!is_valid_utf8(*text) || text->find('\0') != std::string::npos) {
            std::abort();
        }
    }
}

} // namespace

// The bytes are tried as text of a query string and, when they are JSON, as a member of a body, for every
// type.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<input> inputs = every_input();
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_inputs("{\"x\":" + text + "}", {});
    for (const input& each : inputs) {
        check(validate({each}, text_inputs{{"x", text}}));
        if (parsed && parsed->size() == 1) {
            check(validate({each}, *parsed));
        }
    }
    return 0;
}
