#include "http/query_string.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace hyperterse::http {

namespace {

error malformed(std::string_view what) {
    return {errc::invalid_request, public_message{"Invalid query string: " + std::string(what)}};
}

} // namespace

result<gateway::text_inputs> parse_query_string(std::string_view query) {
    gateway::text_inputs pairs;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty()) {
            continue;
        }
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), plus_sign::space);
        auto text = percent_decode(pair.substr(std::min(equals + 1, pair.size())), plus_sign::space);
        if (!name || !text) {
            return malformed("'%' without two hexadecimal digits");
        }
        for (const std::string& part : {*name, *text}) {
            if (!is_valid_utf8(part) || part.find('\0') != std::string::npos) {
                return malformed("not UTF-8 text");
            }
        }
        pairs.emplace_back(std::move(*name), std::move(*text));
    }
    return pairs;
}

} // namespace hyperterse::http
