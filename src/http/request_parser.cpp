#include "http/request_parser.hpp"

#include "base/text.hpp"
#include "http/framing.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>

namespace hyperterse::http {

namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;

// tchar of RFC 9110 5.6.2.
bool is_token_character(char c) {
    return is_alpha(c) || is_digit(c) ||
        std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

method to_method(beast_http::verb verb) {
    if (verb == beast_http::verb::get) {
        return method::get;
    }
    if (verb == beast_http::verb::head) {
        return method::head;
    }
    return verb == beast_http::verb::post ? method::post : method::other;
}

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

// The path and query of a target in origin form, or of the absolute form that proxies are sent.
std::string_view without_authority(std::string_view target) {
    const std::size_t scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos) {
        return target;
    }
    const std::size_t path = target.find_first_of("/?", scheme + 3);
    return path == std::string_view::npos ? "/" : target.substr(path);
}

// Hands the parts of one complete head to a request. Bodies are not its business: see body_decoder.
class head_parser final : public beast_http::basic_parser<true> {
public:
    explicit head_parser(request& read) : read_(read) {
        skip(true);
        eager(true);
        header_limit(std::numeric_limits<std::uint32_t>::max());
    }

    bool target_too_long() const { return target_too_long_; }

private:
    void on_request_impl(
        beast_http::verb verb,
        boost::beast::string_view verb_name,
        boost::beast::string_view target,
        int version,
        error_code& failure
    ) override {
        read_.verb = to_method(verb);
        read_.verb_name = view(verb_name);
        read_.http_1_1 = version == 11;
        target_too_long_ = target.size() > max_target;
        if (target_too_long_) {
            failure = beast_http::error::bad_target;
        }
        const std::string_view local = without_authority(view(target));
        const std::size_t mark = std::min(local.find('?'), local.size());
        read_.path = local.substr(0, mark);
        read_.query = local.substr(std::min(mark + 1, local.size()));
    }
    void
    on_field_impl(beast_http::field, boost::beast::string_view name, boost::beast::string_view value, error_code&)
        override {
        read_.headers.push_back({view(name), view(value)});
    }
    void on_header_impl(error_code&) override { read_.keep_alive = keep_alive(); }
    void on_finish_impl(error_code&) override {}

    void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(boost::beast::string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view, error_code&) override {
        return 0;
    }

    request& read_;
    bool target_too_long_ = false;
};

refusal refusal_of(error_code failure) {
    if (failure == beast_http::error::bad_version) {
        return refusals::bad_version;
    }
    if (failure == beast_http::error::bad_content_length ||
        failure == beast_http::error::multiple_content_length) {
        return refusals::bad_length;
    }
    if (failure == beast_http::error::bad_transfer_encoding) {
        return refusals::bad_transfer_encoding;
    }
    return refusals::malformed;
}

} // namespace

std::string_view request::find(std::string_view name) const {
    for (const header& each : headers) {
        if (equals_ignoring_case(each.name, name)) {
            return each.value;
        }
    }
    return {};
}

void request::clear() {
    text.clear();
    headers.clear();
    verb = method::other;
    verb_name = path = query = {};
    http_1_1 = true;
    keep_alive = true;
    framing = body_framing::none;
    content_length = 0;
    expects_continue = false;
}

head_scanner::verdict head_scanner::scan(std::string_view bytes) {
    const std::string_view window = bytes.substr(0, limit_);
    if (scanned_ == 0 && window.starts_with("\r\n")) {
        first_line_ = line_ = scanned_ = 2;
    }
    const bool perhaps_empty_line = window == "\r";
    if (window.size() > first_line_ && !perhaps_empty_line && !is_token_character(window[first_line_])) {
        return {.refused = refusals::malformed};
    }
    for (;;) {
        const std::size_t line_feed = window.find('\n', scanned_);
        if (line_feed == std::string_view::npos) {
            break;
        }
        if (window[line_feed - 1] != '\r') {
            return {.refused = refusals::bare_line_feed};
        }
        if (window[line_] == ' ' || window[line_] == '\t') {
            return {.refused = refusals::folded_header};
        }
        scanned_ = line_feed + 1;
        if (line_feed == line_ + 1) {
            return {.length = scanned_};
        }
        line_ = scanned_;
    }
    scanned_ = perhaps_empty_line ? 0 : window.size();
    if (bytes.size() < limit_) {
        return {};
    }
    const bool in_request_line = line_ == first_line_;
    return {.refused = in_request_line ? refusals::target_too_long : refusals::header_too_large};
}

std::optional<refusal> parse_head(std::string_view head, request& read) {
    if (head.starts_with("\r\n")) {
        head.remove_prefix(2);
    }
    read.clear();
    read.text.assign(head);

    head_parser parser(read);
    error_code failure;
    parser.put(boost::asio::const_buffer(read.text.data(), read.text.size()), failure);
    if (parser.target_too_long()) {
        return refusals::target_too_long;
    }
    if (failure) {
        return refusal_of(failure);
    }
    return parser.is_header_done() ? check_framing(read) : refusals::malformed;
}

} // namespace hyperterse::http
