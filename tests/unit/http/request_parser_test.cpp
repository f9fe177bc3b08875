#include "http/request_parser.hpp"

#include <gtest/gtest.h>
#include <string>

namespace hyperterse::http {
namespace {

constexpr std::size_t limit = 16 * 1024;

struct read_result {
    std::size_t length = 0;
    std::optional<refusal> refused;
    request parsed;
};

// Feeds the bytes in pieces of that size, as a connection would.
read_result read_in_pieces(std::string_view bytes, std::size_t piece, std::size_t head_limit = limit) {
    read_result read;
    head_scanner scanner(head_limit);
    for (std::size_t end = std::min(piece, bytes.size());; end = std::min(end + piece, bytes.size())) {
        const auto verdict = scanner.scan(bytes.substr(0, end));
        read.length = verdict.length;
        read.refused = verdict.refused;
        if (verdict.refused || verdict.length > 0 || end == bytes.size()) {
            break;
        }
    }
    if (read.length > 0) {
        read.refused = parse_head(bytes.substr(0, read.length), read.parsed);
    }
    return read;
}

std::optional<refusal> refusal_of(std::string_view bytes) {
    return read_in_pieces(bytes, bytes.size()).refused;
}

TEST(request_parser, reads_the_parts_of_a_request) {
    const auto read = read_in_pieces(
        "POST /query/users?a=1&b=2 HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nX-Request-Id:  abc "
        "\r\n\r\nrest",
        1000
    );
    ASSERT_FALSE(read.refused);
    EXPECT_EQ(read.parsed.verb, method::post);
    EXPECT_EQ(read.parsed.verb_name, "POST");
    EXPECT_EQ(read.parsed.path, "/query/users");
    EXPECT_EQ(read.parsed.query, "a=1&b=2");
    EXPECT_TRUE(read.parsed.http_1_1);
    EXPECT_TRUE(read.parsed.keep_alive);
    EXPECT_EQ(read.parsed.framing, body_framing::length);
    EXPECT_EQ(read.parsed.content_length, 12U);
    EXPECT_EQ(read.parsed.find("x-request-id"), "abc");
    EXPECT_EQ(read.parsed.find("absent"), "");
}

TEST(request_parser, gives_the_same_answer_however_the_bytes_are_split) {
    const std::string_view inputs[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\n",
        "\r\nGET /a?b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "\x16\x03\x01 a TLS hello",
        "GET / HTTP/3.0\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    for (const std::string_view bytes : inputs) {
        const auto whole = read_in_pieces(bytes, bytes.size());
        for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
            const auto split = read_in_pieces(bytes, piece);
            EXPECT_EQ(split.length, whole.length) << bytes << " in pieces of " << piece;
            EXPECT_EQ(split.refused, whole.refused) << bytes << " in pieces of " << piece;
            EXPECT_EQ(split.parsed.path, whole.parsed.path);
        }
    }
}

TEST(request_parser, waits_for_the_end_of_the_head) {
    const auto read = read_in_pieces("GET / HTTP/1.1\r\nHost: x\r\n\r", 1);
    EXPECT_EQ(read.length, 0U);
    EXPECT_FALSE(read.refused);
}

TEST(request_parser, leaves_what_follows_the_head) {
    const std::string_view head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string two = std::string(head) + std::string(head);
    EXPECT_EQ(read_in_pieces(two, two.size()).length, head.size());
}

TEST(request_parser, takes_the_path_out_of_an_absolute_target) {
    const auto read = read_in_pieces("GET http://host:80/heartbeat?x=1 HTTP/1.1\r\nHost: host\r\n\r\n", 100);
    ASSERT_FALSE(read.refused);
    EXPECT_EQ(read.parsed.path, "/heartbeat");
    EXPECT_EQ(read.parsed.query, "x=1");
    EXPECT_EQ(read_in_pieces("GET http://host HTTP/1.1\r\nHost: host\r\n\r\n", 100).parsed.path, "/");
}

TEST(request_parser, follows_the_version_and_the_connection_header) {
    struct {
        std::string_view head;
        bool keep_alive;
    } const cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
    };
    for (const auto& [head, keep_alive] : cases) {
        const auto read = read_in_pieces(head, head.size());
        ASSERT_FALSE(read.refused) << head;
        EXPECT_EQ(read.parsed.keep_alive, keep_alive) << head;
    }
}

TEST(request_parser, refuses_what_is_not_a_request) {
    struct {
        std::string_view bytes;
        refusal why;
    } const cases[] = {
        {"\x16\x03\x01", refusals::malformed},
        {"\n", refusals::malformed},
        {" GET / HTTP/1.1\r\n", refusals::malformed},
        {"\r\n\r\n", refusals::malformed},
        {"GET / HTTP/1.1\nHost: x\r\n\r\n", refusals::bare_line_feed},
        {"GET / HTTP/1.1\r\nHost: x\n\r\n", refusals::bare_line_feed},
        {"GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n", refusals::folded_header},
        {"GET / HTTP/1.1\r\n\tHost: x\r\n\r\n", refusals::folded_header},
        {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", refusals::malformed},
        {"GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", refusals::malformed},
        {"GET / HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", refusals::malformed},
        {std::string_view("GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", 34), refusals::malformed},
        {"GET / HTTP/1.1\r\nHost: x\r\nA: a\rb\r\n\r\n", refusals::malformed},
        {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", refusals::malformed},
        {"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", refusals::bad_version},
        {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", refusals::bad_version},
        {"GET /\r\nHost: x\r\n\r\n", refusals::malformed},
    };
    for (const auto& [bytes, why] : cases) {
        const auto refused = refusal_of(bytes);
        ASSERT_TRUE(refused) << bytes;
        EXPECT_EQ(refused->message, why.message) << bytes;
    }
}

TEST(request_parser, accepts_a_head_of_the_limit_and_refuses_one_byte_more) {
    const std::string_view frame = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n";
    const std::string padding(limit - frame.size(), 'a');
    const std::string exact = "GET / HTTP/1.1\r\nHost: x\r\nA: " + padding + "\r\n\r\n";
    const std::string over = "GET / HTTP/1.1\r\nHost: x\r\nA: " + padding + "a\r\n\r\n";
    ASSERT_EQ(exact.size(), limit);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, over.size()}) {
        EXPECT_FALSE(read_in_pieces(exact, piece).refused);
        EXPECT_EQ(read_in_pieces(over, piece).refused, refusals::header_too_large);
    }
}

TEST(request_parser, accepts_a_target_of_the_limit_and_refuses_one_byte_more) {
    const std::string target = "/" + std::string(max_target - 1, 'a');
    EXPECT_FALSE(refusal_of("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_EQ(refusal_of("GET " + target + "a HTTP/1.1\r\nHost: x\r\n\r\n"), refusals::target_too_long);
    EXPECT_EQ(refusal_of("GET /" + std::string(2 * limit, 'a')), refusals::target_too_long);
}

} // namespace
} // namespace hyperterse::http
