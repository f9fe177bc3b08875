#include "adapter/postgres/connection_string.hpp"

#include "adapter/postgres/handle.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::string_view expected_form =
    "expected postgres://user:password@host:5432/database or 'host=… dbname=…'";

std::string_view scheme_of(std::string_view text) {
    for (const std::string_view scheme : {"postgres://", "postgresql://"}) {
        if (text.starts_with(scheme)) {
            return scheme;
        }
    }
    return {};
}

// The user information of a URL without its scheme, with every '@' but the one at its end written %40.
struct credentials {
    std::string escaped; // with the '@' at its end
    std::size_t length;  // in the text
};

credentials credentials_of(std::string_view rest) {
    const std::string_view before_slash = rest.substr(0, rest.find('/'));
    const std::size_t first = before_slash.find('@');
    if (first == std::string_view::npos) {
        return {};
    }
    const std::string_view authority = before_slash.substr(0, before_slash.find('?', first));
    const std::size_t last = authority.rfind('@');
    std::string escaped;
    for (const char c : authority.substr(0, last)) {
        escaped += c == '@' ? "%40" : std::string(1, c);
    }
    return {.escaped = escaped + '@', .length = last + 1};
}

std::string read_query(std::string_view query, parameters& to) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) {
            return "a parameter after the '?' has no '='";
        }
        const auto name = percent_decode(part.substr(0, equals), plus_sign::literal);
        const auto value = percent_decode(part.substr(equals + 1), plus_sign::literal);
        if (!name || !value) {
            return "a '%' after the '?' is not followed by two hexadecimal digits; a '%' itself is written "
                   "%25";
        }
        if (name->find('\0') != std::string::npos || value->find('\0') != std::string::npos) {
            return "a parameter after the '?' has a zero byte";
        }
        // As libpq does, for what JDBC writes.
        const bool jdbc = *name == "ssl" && *value == "true";
        assign(to, jdbc ? "sslmode" : *name, jdbc ? "require" : *value);
    }
    return {};
}

std::string read_url(std::string_view scheme, std::string_view rest, parameters& to) {
    using option_list = std::unique_ptr<PQconninfoOption, released_by<PQconninfoFree>>;
    const auto [user_information, length] = credentials_of(rest);
    const std::size_t question = std::min(rest.find('?', length), rest.size());
    const std::string without_query =
        fmt::format("{}{}{}", scheme, user_information, rest.substr(length, question - length));
    const option_list parsed(PQconninfoParse(without_query.c_str(), nullptr));
    if (!parsed) {
        return "the connection string is no URL that PostgreSQL understands; in a user name or password, the "
               "characters % / : ? # [ ] and spaces are written as %25, %2F, %3A and so on";
    }
    for (const PQconninfoOption* each = parsed.get(); each->keyword != nullptr; ++each) {
        if (each->val != nullptr) {
            to.emplace_back(each->keyword, each->val);
        }
    }
    return question < rest.size() ? read_query(rest.substr(question + 1), to) : std::string();
}

std::string_view skip_spaces(std::string_view text) {
    text.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(text, is_space) - text.begin()));
    return text;
}

// Takes a value, plain or in single quotes, with \ before any character that stands for itself. False: its
// closing quote is missing.
bool take_value(std::string_view& text, std::string& value) {
    const bool quoted = text.starts_with('\'');
    std::size_t at = quoted ? 1 : 0;
    while (at < text.size() && (quoted ? text[at] != '\'' : !is_space(text[at]))) {
        at += text[at] == '\\' ? 1 : 0;
        if (at < text.size()) {
            value += text[at];
            ++at;
        }
    }
    const bool closed = !quoted || at < text.size();
    text.remove_prefix(std::min(quoted ? at + 1 : at, text.size()));
    return closed;
}

std::string read_pairs(std::string_view text, parameters& to) {
    for (text = skip_spaces(text); !text.empty(); text = skip_spaces(text)) {
        const auto ends_name = [](char c) { return c == '=' || is_space(c); };
        const auto end = static_cast<std::size_t>(std::ranges::find_if(text, ends_name) - text.begin());
        const std::string_view name = text.substr(0, end);
        text = skip_spaces(text.substr(end));
        if (name.empty() || !text.starts_with('=')) {
            return fmt::format("a word of the connection string has no '='; {}", expected_form);
        }
        text = skip_spaces(text.substr(1));
        std::string value;
        if (!take_value(text, value)) {
            return "a single quote is not closed in the connection string; in a value, it is written \\'";
        }
        assign(to, name, std::move(value));
    }
    return {};
}

} // namespace

std::string_view value_of(const parameters& in, std::string_view keyword) {
    const auto found = std::ranges::find(in, keyword, &parameter::first);
    return found == in.end() ? std::string_view() : std::string_view(found->second);
}

void assign(parameters& to, std::string_view keyword, std::string value) {
    const auto found = std::ranges::find(to, keyword, &parameter::first);
    if (found == to.end()) {
        to.emplace_back(keyword, std::move(value));
    } else {
        found->second = std::move(value);
    }
}

std::string read_connection_string(std::string_view text, parameters& to) {
    if (text.find('\0') != std::string_view::npos) {
        return "the connection string has a zero byte";
    }
    if (const std::string_view scheme = scheme_of(text); !scheme.empty()) {
        return read_url(scheme, text.substr(scheme.size()), to);
    }
    // Not a word in front of a '=', but another scheme.
    if (text.substr(0, text.find('=')).find("://") != std::string_view::npos) {
        return std::string(expected_form);
    }
    return read_pairs(text, to);
}

} // namespace hyperterse::adapter::postgres
