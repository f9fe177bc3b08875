#include "http/body_decoder.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

namespace hyperterse::http {
namespace {

constexpr std::size_t limit = 16;

struct decoded {
    std::string body;
    std::size_t taken = 0;
    bool complete = false;
    std::optional<refusal> refused;
};

decoded decode(const request& head, std::string_view bytes, std::size_t piece) {
    decoded result;
    body_decoder decoder(head, limit);
    while (result.taken < bytes.size() && !decoder.complete() && !decoder.refused()) {
        result.taken += decoder.put(bytes.substr(result.taken, piece), result.body);
    }
    result.complete = decoder.complete();
    result.refused = decoder.refused();
    return result;
}

request of_length(std::uint64_t length) {
    request head;
    head.framing = body_framing::length;
    head.content_length = length;
    return head;
}

request chunked() {
    request head;
    head.framing = body_framing::chunked;
    return head;
}

TEST(body_decoder, is_complete_at_once_without_a_body) {
    EXPECT_TRUE(body_decoder(request{}, limit).complete());
}

TEST(body_decoder, takes_exactly_the_declared_length) {
    for (std::size_t piece = 1; piece < 10; ++piece) {
        const auto read = decode(of_length(5), "helloGET /", piece);
        EXPECT_EQ(read.body, "hello");
        EXPECT_EQ(read.taken, 5U);
        EXPECT_TRUE(read.complete);
    }
}

TEST(body_decoder, refuses_a_declared_length_over_the_limit_before_the_first_byte) {
    EXPECT_FALSE(body_decoder(of_length(limit), limit).refused());
    EXPECT_EQ(body_decoder(of_length(limit + 1), limit).refused(), refusals::body_too_large);
}

TEST(body_decoder, joins_chunks_whatever_the_pieces) {
    const std::string_view bytes = "5\r\nhello\r\n00001;name=\"a;b\"\r\n,\r\nA\r\n0123456789\r\n0;"
                                   "last\r\nTrailer: x\r\nOther: y\r\n\r\nnext";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        const auto read = decode(chunked(), bytes, piece);
        EXPECT_EQ(read.body, "hello,0123456789") << piece;
        EXPECT_EQ(bytes.substr(read.taken), "next") << piece;
        EXPECT_TRUE(read.complete) << piece;
    }
}

TEST(body_decoder, refuses_chunks_that_exceed_the_limit_by_one) {
    EXPECT_TRUE(decode(chunked(), "10\r\n0123456789abcdef\r\n0\r\n\r\n", 100).complete);
    EXPECT_EQ(decode(chunked(), "11\r\n", 100).refused, refusals::body_too_large);
    EXPECT_EQ(decode(chunked(), "10\r\n0123456789abcdef\r\n1\r\n", 1).refused, refusals::body_too_large);
    EXPECT_EQ(decode(chunked(), "ffffffffffffffffffff\r\n", 1).refused, refusals::body_too_large);
}

TEST(body_decoder, refuses_broken_chunks_whatever_the_pieces) {
    const std::string_view cases[] = {
        "\r\n",
        "x\r\n",
        "-1\r\n",
        "0x1\r\n",
        " 1\r\na\r\n",
        "1 \r\na\r\n",
        "1\na\r\n",
        "1\r\na\n",
        "1\r\nab\r\n",
        "1\r\rx",
        "1;a\nb\r\n",
        "1;\x01\r\n",
        "0\r\nA: b\n\r\n",
        "0\r\n\rx",
        "0\r\nA: b\r\r",
    };
    for (const std::string_view bytes : cases) {
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
            EXPECT_EQ(decode(chunked(), bytes, piece).refused, refusals::bad_chunk) << bytes;
        }
    }
}

TEST(body_decoder, bounds_extensions_trailers_and_zeros) {
    const std::string exact(8 * 1024 - 1, 'x'); // the zero of the last chunk counts too
    EXPECT_TRUE(decode(chunked(), "0\r\n" + exact + "\r\n\r\n", 1000).complete);
    EXPECT_EQ(decode(chunked(), "0\r\nx" + exact + "\r\n\r\n", 1000).refused, refusals::header_too_large);
    EXPECT_EQ(decode(chunked(), "0;x" + exact + "\r\n\r\n", 1000).refused, refusals::header_too_large);
    EXPECT_EQ(decode(chunked(), std::string(8 * 1024 + 1, '0'), 1000).refused, refusals::bad_chunk);
}

} // namespace
} // namespace hyperterse::http
