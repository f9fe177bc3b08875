#include "http/framing.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace hyperterse::http {

namespace {

// The headers that decide the framing, each with how often it was sent.
struct framing_headers {
    struct seen {
        std::size_t times = 0;
        std::string_view value;

        void add(std::string_view sent) {
            ++times;
            value = sent;
        }
    };
    seen host;
    seen length;
    seen transfer_encoding;
    seen expect;
};

framing_headers collect(const request& read) {
    framing_headers found;
    for (const auto& [name, value] : read.headers) {
        if (equals_ignoring_case(name, "host")) {
            found.host.add(value);
        } else if (equals_ignoring_case(name, "content-length")) {
            found.length.add(value);
        } else if (equals_ignoring_case(name, "transfer-encoding")) {
            found.transfer_encoding.add(value);
        } else if (equals_ignoring_case(name, "expect")) {
            found.expect.add(value);
        }
    }
    return found;
}

bool is_host(std::string_view value) {
    return std::ranges::all_of(value, [](char c) {
        return static_cast<unsigned char>(c) > ' ' &&
            std::string_view(",/@\\").find(c) == std::string_view::npos;
    });
}

std::optional<refusal> frame_by_length(request& read, const framing_headers::seen& length) {
    const char* const end = length.value.data() + length.value.size();
    const auto parsed = std::from_chars(length.value.data(), end, read.content_length);
    if (length.times > 1 || parsed.ec != std::errc() || parsed.ptr != end) {
        return refusals::bad_length;
    }
    read.framing = read.content_length > 0 ? body_framing::length : body_framing::none;
    return std::nullopt;
}

std::optional<refusal> frame_by_chunks(request& read, const framing_headers& found) {
    const bool exactly_chunked =
        found.transfer_encoding.times == 1 && equals_ignoring_case(found.transfer_encoding.value, "chunked");
    if (!exactly_chunked || !read.http_1_1 || found.length.times > 0) {
        return refusals::bad_transfer_encoding;
    }
    read.framing = body_framing::chunked;
    return std::nullopt;
}

} // namespace

std::optional<refusal> check_framing(request& read) {
    const framing_headers found = collect(read);
    const bool host_missing = read.http_1_1 && found.host.times == 0;
    if (host_missing || found.host.times > 1 || !is_host(found.host.value)) {
        return refusals::bad_host;
    }
    if (found.expect.times > 0 && read.http_1_1) {
        if (!equals_ignoring_case(found.expect.value, "100-continue")) {
            return refusals::unknown_expectation;
        }
        read.expects_continue = true;
    }
    if (found.transfer_encoding.times > 0) {
        return frame_by_chunks(read, found);
    }
    return found.length.times > 0 ? frame_by_length(read, found.length) : std::nullopt;
}

} // namespace hyperterse::http
