// Feeds bytes to everything that stands between a socket and a request: the head scanner, the head parser
// with its framing guards, and the body decoder. What they make of a stream of bytes must not depend on the
// pieces in which it arrives, and a request that they let through must be one that every server reads alike.

#include "base/text.hpp"
#include "http/body_decoder.hpp"
#include "http/request_parser.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace hyperterse::http;

constexpr std::size_t head_limit = 512;
constexpr std::size_t body_limit = 64;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct outcome {
    std::size_t taken = 0; // bytes of head and body
    std::optional<refusal> refused;
    bool complete = false;
    std::string path;
    std::string body;

    friend bool operator==(const outcome&, const outcome&) = default;
};

// How many bytes arrive next, told by bytes of the input itself.
class splitter {
public:
    explicit splitter(std::string_view sizes) : sizes_(sizes) {}
    std::size_t next() {
        return sizes_.empty() ? 1 : 1 + static_cast<unsigned char>(sizes_[at_++ % sizes_.size()]) % 16;
    }

private:
    std::string_view sizes_;
    std::size_t at_ = 0;
};

void check_guards(const request& head) {
    const auto times = [&](std::string_view name) {
        return std::ranges::count_if(head.headers, [&](const header& each) {
            return hyperterse::equals_ignoring_case(each.name, name);
        });
    };
    require(times("host") == 1 || (!head.http_1_1 && times("host") == 0));
    require(times("content-length") + times("transfer-encoding") <= 1);
    require((times("transfer-encoding") == 1) == (head.framing == body_framing::chunked));
    require(head.framing != body_framing::chunked || head.http_1_1);
    require(head.path.size() + head.query.size() <= max_target);
}

template <class Next>
outcome read(std::string_view bytes, Next next_size) {
    outcome result;
    head_scanner scanner(head_limit);
    std::size_t arrived = 0;
    head_scanner::verdict found;
    while (!found.refused && found.length == 0 && arrived < bytes.size()) {
        arrived = std::min(arrived + next_size(), bytes.size());
        found = scanner.scan(bytes.substr(0, arrived));
    }
    result.refused = found.refused;
    if (found.length == 0) {
        return result;
    }
    require(found.length <= head_limit);
    request head;
    result.refused = parse_head(bytes.substr(0, found.length), head);
    if (result.refused) {
        return result;
    }
    check_guards(head);
    result.path = head.path;
    result.taken = found.length;
    body_decoder decoder(head, body_limit);
    while (!decoder.complete() && !decoder.refused() && result.taken < bytes.size()) {
        result.taken += decoder.put(bytes.substr(result.taken, next_size()), result.body);
    }
    require(result.body.size() <= body_limit);
    result.refused = decoder.refused();
    result.complete = decoder.complete();
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const outcome whole = read(bytes, [size] { return size; });
    require(read(bytes, [] { return std::size_t{1}; }) == whole);
    splitter sizes(bytes.substr(size / 2));
    require(read(bytes, [&sizes] { return sizes.next(); }) == whole);
    return 0;
}
