#include "adapter/sqlite/json_check.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse_options.hpp>
#include <cstddef>
#include <cstdint>

namespace hyperterse::adapter::sqlite {

namespace {

namespace json = boost::json;

// Accepts every event of the parser: only the grammar is of interest.
struct accept_all {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    using code = json::error_code;
    bool on_document_begin(code&) { return true; }
    bool on_document_end(code&) { return true; }
    bool on_object_begin(code&) { return true; }
    bool on_object_end(std::size_t, code&) { return true; }
    bool on_array_begin(code&) { return true; }
    bool on_array_end(std::size_t, code&) { return true; }
    bool on_key_part(json::string_view, std::size_t, code&) { return true; }
    bool on_key(json::string_view, std::size_t, code&) { return true; }
    bool on_string_part(json::string_view, std::size_t, code&) { return true; }
    bool on_string(json::string_view, std::size_t, code&) { return true; }
    bool on_number_part(json::string_view, code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, code&) { return true; }
    bool on_double(double, json::string_view, code&) { return true; }
    bool on_bool(bool, code&) { return true; }
    bool on_null(code&) { return true; }
    bool on_comment_part(json::string_view, code&) { return true; }
    bool on_comment(json::string_view, code&) { return true; }
};

} // namespace

bool is_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = 1'000;
    json::basic_parser<accept_all> parser(options);
    json::error_code code;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
    return !code && read == text.size();
}

} // namespace hyperterse::adapter::sqlite
