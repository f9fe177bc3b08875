#include "config/fields.hpp"

#include <algorithm>

namespace hyperterse::config {

const field* find_field(const table& of, std::string_view key) {
    const auto found = std::ranges::find(of.fields, key, &field::key);
    if (found == of.fields.end()) {
        return nullptr;
    }
    return found->same_as.empty() ? &*found : find_field(of, found->same_as);
}

} // namespace hyperterse::config
