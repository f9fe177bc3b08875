#include "gateway/json_object.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "gateway/excerpt.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <fmt/format.h>

namespace hyperterse::gateway {

namespace {

using kind = json_value::kind;

// A key that `members` has twice, or null.
const std::string* find_duplicate(const std::vector<json_member>& members) {
    constexpr std::size_t few = 16;
    if (members.size() <= few) {
        for (auto each = members.begin(); each != members.end(); ++each) {
            const auto same_key = [&](const json_member& earlier) { return earlier.name == each->name; };
            if (std::any_of(members.begin(), each, same_key)) {
                return &each->name;
            }
        }
        return nullptr;
    }
    std::vector<const std::string*> keys;
    keys.reserve(members.size());
    for (const json_member& member : members) {
        keys.push_back(&member.name);
    }
    const auto text_of = [](const std::string* key) -> const std::string& { return *key; };
    std::ranges::sort(keys, {}, text_of);
    const auto twice = std::ranges::adjacent_find(keys, {}, text_of);
    return twice == keys.end() ? nullptr : *twice;
}

// Builds the value from the events of boost::json::basic_parser. Each returns false to end the parse; then
// problem() says why. Names and signatures are the parser's.
class json_builder {
public:
    using boost_error = boost::system::error_code;

    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    explicit json_builder(std::size_t max_values) : max_values_(max_values) {}

    json_value take() { return std::move(root_); }
    const std::string& problem() const { return problem_; }

    bool on_document_begin(boost_error&) { return true; }
    bool on_document_end(boost_error&) { return true; }

    bool on_object_begin(boost_error& failure) { return open(kind::object, failure); }
    bool on_object_end(std::size_t, boost_error& failure) {
        const std::string* twice = find_duplicate(open_.back()->members);
        if (twice != nullptr) {
            return refuse("key '" + excerpt(*twice) + "' appears twice in one object", failure);
        }
        open_.pop_back();
        return true;
    }
    bool on_array_begin(boost_error& failure) { return open(kind::array, failure); }
    bool on_array_end(std::size_t, boost_error&) {
        open_.pop_back();
        return true;
    }

    bool on_key_part(boost::json::string_view part, std::size_t, boost_error& failure) {
        return append_text(part, failure);
    }
    bool on_key(boost::json::string_view part, std::size_t, boost_error& failure) {
        if (!append_text(part, failure)) {
            return false;
        }
        open_.back()->members.push_back({std::exchange(text_, {}), {}});
        return true;
    }
    bool on_string_part(boost::json::string_view part, std::size_t, boost_error& failure) {
        return append_text(part, failure);
    }
    bool on_string(boost::json::string_view part, std::size_t, boost_error& failure) {
        return append_text(part, failure) && place_text(kind::string, failure);
    }

    bool on_number_part(boost::json::string_view part, boost_error& failure) {
        return append_text(part, failure);
    }
    bool on_int64(std::int64_t, boost::json::string_view part, boost_error& failure) {
        return append_text(part, failure) && place_text(kind::number, failure);
    }
    bool on_uint64(std::uint64_t, boost::json::string_view part, boost_error& failure) {
        return append_text(part, failure) && place_text(kind::number, failure);
    }
    bool on_double(double, boost::json::string_view part, boost_error& failure) {
        return append_text(part, failure) && place_text(kind::number, failure);
    }
    bool on_bool(bool flag, boost_error& failure) {
        json_value* const made = place(kind::boolean, failure);
        if (made != nullptr) {
            made->flag = flag;
        }
        return made != nullptr;
    }
    bool on_null(boost_error& failure) { return place(kind::null, failure) != nullptr; }
    bool on_comment_part(boost::json::string_view, boost_error&) { return true; }
    bool on_comment(boost::json::string_view, boost_error&) { return true; }

private:
    // Null: refused.
    json_value* place(kind type, boost_error& failure) {
        if (++values_ > max_values_) {
            refuse(fmt::format("more than {} values", max_values_), failure);
            return nullptr;
        }
        json_value* slot = &root_;
        if (!open_.empty()) {
            json_value& parent = *open_.back();
            slot = parent.type == kind::array ? &parent.items.emplace_back() : &parent.members.back().content;
        }
        slot->type = type;
        return slot;
    }

    bool open(kind type, boost_error& failure) {
        json_value* const made = place(type, failure);
        if (made != nullptr) {
            open_.push_back(made);
        }
        return made != nullptr;
    }

    bool append_text(boost::json::string_view part, boost_error& failure) {
        if (part.find('\0') != boost::json::string_view::npos) {
            return refuse("U+0000 is not allowed in text", failure);
        }
        text_.append(part.data(), part.size());
        return true;
    }

    bool place_text(kind type, boost_error& failure) {
        json_value* const made = place(type, failure);
        if (made != nullptr) {
            made->text = std::exchange(text_, {});
        }
        return made != nullptr;
    }

    bool refuse(std::string why, boost_error& failure) {
        problem_ = std::move(why);
        failure = make_error_code(boost::json::error::input_error);
        return false;
    }

    std::size_t max_values_;
    std::size_t values_ = 0;
    json_value root_;
    std::vector<json_value*>
        open_;         // containers around the next value; a parent does not grow while one is open
    std::string text_; // of the string, key or number being read
    std::string problem_;
};

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string unexpected_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
        return "text that is not UTF-8";
    }
    return byte < 0x20 || byte == 0x7F ? fmt::format("unexpected control character {:#04x}", byte)
                                       : fmt::format("unexpected '{}'", c);
}

std::string syntax_problem(boost::json::error code, std::string_view text, std::size_t at) {
    if (code == boost::json::error::too_deep) {
        return "nested too deep";
    }
    if (code == boost::json::error::exponent_overflow) {
        return "exponent out of range";
    }
    if (at >= text.size()) {
        return "unexpected end";
    }
    return unexpected_byte(text[at]);
}

error invalid_json(std::string_view why) {
    return {errc::invalid_request, public_message{fmt::format("Invalid JSON: {}", why)}};
}

void append_array(std::string& out, const std::vector<json_value>& items) {
    out += '[';
    for (const json_value& item : items) {
        if (&item != &items.front()) {
            out += ',';
        }
        append_json(out, item);
    }
    out += ']';
}

void append_object(std::string& out, const std::vector<json_member>& members) {
    out += '{';
    for (const json_member& member : members) {
        if (&member != &members.front()) {
            out += ',';
        }
        append_json_string(out, member.name);
        out += ':';
        append_json(out, member.content);
    }
    out += '}';
}

} // namespace

result<json_value> parse_json(std::string_view text, json_limits limits) {
    boost::json::parse_options options;
    options.max_depth = limits.depth;
    boost::json::basic_parser<json_builder> parser(options, limits.values);
    boost::system::error_code failure;
    const std::size_t consumed = parser.write_some(false, text.data(), text.size(), failure);
    if (!parser.handler().problem().empty()) {
        return invalid_json(fmt::format("{} at byte {}", parser.handler().problem(), consumed));
    }
    if (failure) {
        const auto code = static_cast<boost::json::error>(failure.value());
        return invalid_json(fmt::format("{} at byte {}", syntax_problem(code, text, consumed), consumed + 1));
    }
    if (const std::string_view rest = text.substr(consumed); !is_blank(rest)) {
        const std::size_t at = consumed + rest.find_first_not_of(" \t\r\n");
        return invalid_json(fmt::format("unexpected text after the value at byte {}", at + 1));
    }
    return parser.handler().take();
}

result<input_object> parse_inputs(std::string_view text, json_limits limits) {
    if (is_blank(text)) {
        return input_object{};
    }
    auto parsed = parse_json(text, limits);
    if (!parsed) {
        return std::move(parsed).error();
    }
    if (parsed->type != kind::object) {
        return invalid_json("the inputs must be one object");
    }
    return std::move(parsed->members);
}

void append_json(std::string& out, const json_value& shown) {
    switch (shown.type) {
    case kind::null:
        out += "null";
        return;
    case kind::boolean:
        out += shown.flag ? "true" : "false";
        return;
    case kind::number:
        out += shown.text;
        return;
    case kind::string:
        append_json_string(out, shown.text);
        return;
    case kind::array:
        append_array(out, shown.items);
        return;
    case kind::object:
        append_object(out, shown.members);
        return;
    }
}

} // namespace hyperterse::gateway
