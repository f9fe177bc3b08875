#include "http/framing.hpp"

#include "http/request_parser.hpp"

#include <gtest/gtest.h>
#include <string>

namespace hyperterse::http {
namespace {

std::optional<refusal> refusal_of(const std::string& headers, const char* version = "1.1") {
    request read;
    return parse_head("POST / HTTP/" + std::string(version) + "\r\n" + headers + "\r\n", read);
}

TEST(framing, refuses_every_head_that_two_servers_could_read_differently) {
    struct {
        const char* headers;
        unsigned status;
    } const cases[] = {
        {"Host: x\r\nTransfer-Encoding: gzip\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: gzip, chunked\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: chunked, identity\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: chunked, chunked\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: xchunked\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: \"chunked\"\r\n", 400},
        {"Host: x\r\nTransfer-Encoding:\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n", 400},
        {"Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: gzip\r\n", 400},
        {"Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n", 400},
        {"Host: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n", 400},
        {"Host: x\r\nContent-Length: 1, 1\r\n", 400},
        {"Host: x\r\nContent-Length: -1\r\n", 400},
        {"Host: x\r\nContent-Length: +1\r\n", 400},
        {"Host: x\r\nContent-Length: 0x1\r\n", 400},
        {"Host: x\r\nContent-Length: 1 1\r\n", 400},
        {"Host: x\r\nContent-Length:\r\n", 400},
        {"Host: x\r\nContent-Length: 99999999999999999999\r\n", 400},
        {"", 400},
        {"Host: x\r\nHost: x\r\n", 400},
        {"Host: x, y\r\n", 400},
        {"Host: a b\r\n", 400},
        {"Host: user@x\r\n", 400},
        {"Host: x\r\nExpect: 200-ok\r\n", 417},
        {"Host: x\r\nExpect: 100-continue\r\nExpect: other\r\n", 417},
    };
    for (const auto& [headers, status] : cases) {
        const auto refused = refusal_of(headers);
        ASSERT_TRUE(refused) << headers;
        EXPECT_EQ(refused->status, status) << headers;
    }
}

TEST(framing, refuses_chunks_of_http_1_0) {
    EXPECT_EQ(refusal_of("Transfer-Encoding: chunked\r\n", "1.0"), refusals::bad_transfer_encoding);
}

TEST(framing, needs_no_host_from_http_1_0) {
    EXPECT_FALSE(refusal_of("", "1.0"));
}

TEST(framing, tells_how_the_body_ends) {
    struct {
        const char* headers;
        body_framing framing;
        std::uint64_t length;
        bool expects;
    } const cases[] = {
        {"Host: x\r\n", body_framing::none, 0, false},
        {"Host:\r\n", body_framing::none, 0, false},
        {"Host: [::1]:80\r\nContent-Length: 0\r\n", body_framing::none, 0, false},
        {"Host: x\r\nContent-Length: 007\r\n", body_framing::length, 7, false},
        {"Host: x\r\nTransfer-Encoding: Chunked\r\n", body_framing::chunked, 0, false},
        {"Host: x\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n", body_framing::length, 5, true},
    };
    for (const auto& [headers, framing, length, expects] : cases) {
        request read;
        ASSERT_FALSE(parse_head("POST / HTTP/1.1\r\n" + std::string(headers) + "\r\n", read)) << headers;
        EXPECT_EQ(read.framing, framing) << headers;
        EXPECT_EQ(read.content_length, length) << headers;
        EXPECT_EQ(read.expects_continue, expects) << headers;
    }
}

} // namespace
} // namespace hyperterse::http
