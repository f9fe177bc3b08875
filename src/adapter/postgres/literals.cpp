#include "adapter/postgres/literals.hpp"

#include <algorithm>

namespace hyperterse::adapter::postgres {

bool literal_reader::take(char expected) {
    const bool there = is_at(expected);
    rest_.remove_prefix(there ? 1 : 0);
    return there;
}

bool literal_reader::skip_bounds() {
    if (!is_at('[')) {
        return true;
    }
    const std::size_t end = rest_.find('=');
    if (end == std::string_view::npos ||
        rest_.substr(0, end).find_first_not_of("[]:+-0123456789") != std::string_view::npos) {
        return false;
    }
    rest_.remove_prefix(end + 1);
    return true;
}

std::optional<std::string_view> literal_reader::take_quoted(std::string& unescaped) {
    if (!take('"')) {
        return std::nullopt;
    }
    unescaped.clear();
    while (true) {
        const std::size_t plain = rest_.find_first_of("\"\\");
        if (plain == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view before = rest_.substr(0, plain);
        const bool escapes = rest_[plain] == '\\' || rest_.substr(plain + 1).starts_with('"');
        rest_.remove_prefix(plain + 1);
        if (!escapes) {
            return unescaped.empty() ? before : std::string_view(unescaped.append(before));
        }
        if (rest_.empty()) {
            return std::nullopt;
        }
        unescaped.append(before);
        unescaped += rest_.front();
        rest_.remove_prefix(1);
    }
}

std::string_view literal_reader::take_until(std::string_view ends) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(taken.size());
    return taken;
}

void append_array_element(std::string& literal, std::string_view text) {
    literal += '"';
    while (true) {
        const std::size_t plain = std::min(text.find_first_of("\"\\"), text.size());
        literal.append(text, 0, plain);
        if (plain == text.size()) {
            break;
        }
        literal += '\\';
        literal += text[plain];
        text.remove_prefix(plain + 1);
    }
    literal += '"';
}

} // namespace hyperterse::adapter::postgres
