#include "http/response.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace hyperterse::http {
namespace {

TEST(response, renders_a_head) {
    std::string out;
    append_head(
        out,
        {.status = 405,
         .content_type = "application/json",
         .content_length = 12,
         .connection = connection_header::close,
         .date = "Thu, 01 Jan 1970 00:00:00 GMT",
         .request_id = "id-1",
         .fields = "Allow: GET\r\n"}
    );
    EXPECT_EQ(
        out,
        "HTTP/1.1 405 Method Not Allowed\r\n"
        "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        "Content-Type: application/json\r\n"
        "Content-Length: 12\r\n"
        "Connection: close\r\n"
        "X-Request-Id: id-1\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Allow: GET\r\n"
        "\r\n"
    );
}

TEST(response, frames_the_body_in_one_way_only) {
    struct {
        answer_framing framing;
        bool length;
        bool chunked;
    } const cases[] = {
        {answer_framing::length, true, false},
        {answer_framing::chunked, false, true},
        {answer_framing::until_close, false, false},
        {answer_framing::no_body, false, false},
    };
    for (const auto& [framing, length, chunked] : cases) {
        std::string out;
        append_head(out, {.framing = framing});
        EXPECT_EQ(out.find("Content-Length:") != std::string::npos, length);
        EXPECT_EQ(out.find("Transfer-Encoding: chunked") != std::string::npos, chunked);
    }
}

TEST(response, has_a_reason_for_every_status_of_an_error) {
    for (const errc_info& row : errc_table) {
        if (row.code != errc::cancelled) { // never answered
            EXPECT_FALSE(reason(row.http_status).empty()) << row.name;
        }
    }
}

TEST(response, renders_an_error_body) {
    std::string out;
    append_error_body(out, "a \"b\"", "invalid_input", "id-1");
    EXPECT_EQ(
        out,
        R"({"success":false,"error":"a \"b\"","results":[],"code":"invalid_input","request_id":"id-1"})"
        "\n"
    );
    const std::vector<field_problem> problems{{"x", "is required"}, {"y", "too long"}};
    out.clear();
    append_error_body(out, "e", "c", "i", problems);
    EXPECT_EQ(
        out,
        R"({"success":false,"error":"e","results":[],"code":"c","request_id":"i","details":)"
        R"([{"field":"x","message":"is required"},{"field":"y","message":"too long"}]})"
        "\n"
    );
}

TEST(response, renders_dates_as_rfc_9110_wants) {
    date_clock clock;
    EXPECT_EQ(clock.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(clock.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(clock.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
}

TEST(response, tags_equal_bodies_equally) {
    EXPECT_EQ(entity_tag("a"), entity_tag("a"));
    EXPECT_NE(entity_tag("a"), entity_tag("b"));
    EXPECT_NE(entity_tag("a"), entity_tag("a", "-gzip"));
    EXPECT_EQ(entity_tag("a").front(), '"');
    EXPECT_EQ(entity_tag("a").back(), '"');
}

TEST(response, matches_entity_tags) {
    const std::string tag = "\"abc\"";
    for (const char* const header :
         {"\"abc\"", "W/\"abc\"", "*", " * ", "\"x\", \"abc\"", "\"x\",W/\"abc\" "}) {
        EXPECT_TRUE(matches_entity_tag(header, tag)) << header;
    }
    for (const char* const header : {"", "abc", "\"ab\"", "\"abcd\"", "\"x\", *"}) {
        EXPECT_FALSE(matches_entity_tag(header, tag)) << header;
    }
}

} // namespace
} // namespace hyperterse::http
