#include "http/session.hpp"

#include "gunzip.hpp"
#include "test_client.hpp"
#include "test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace hyperterse::http {
namespace {

using std::chrono::milliseconds;
using testing::ContainsRegex;

std::string get(std::string_view path, std::string_view headers = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view headers = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
        std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        std::string(body);
}

server_options with(server_limits limits) {
    return {.listen = {}, .admin = {}, .limits = limits, .trusted_proxies = {}};
}

// What a fresh connection gets.
answer ask(const test_server& server, std::string_view request, bool head_only = false) {
    test_client client(server.port());
    client.send(request);
    return client.receive(head_only);
}

TEST(session, answers_the_heartbeat) {
    test_server server;
    const answer got = ask(server, get("/heartbeat"));
    EXPECT_EQ(got.status, 200U);
    EXPECT_EQ(got.body, "{\"success\":true}\n");
    EXPECT_EQ(got.header("Content-Type"), "application/json");
    EXPECT_EQ(got.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(got.header("X-Request-Id").size(), 26U);
    EXPECT_FALSE(got.header("Date").empty());
}

TEST(session, keeps_the_connection_for_further_requests) {
    test_server server;
    test_client client(server.port());
    for (int round = 0; round < 3; ++round) {
        client.send(get("/heartbeat", "X-Request-Id: round-" + std::to_string(round) + "\r\n"));
        const answer got = client.receive();
        EXPECT_EQ(got.status, 200U);
        EXPECT_EQ(got.header("X-Request-Id"), "round-" + std::to_string(round));
        EXPECT_EQ(got.header("Connection"), "");
    }
    EXPECT_EQ(server.http->active_sessions(), 1U);
}

TEST(session, answers_pipelined_requests_in_order) {
    test_server server;
    test_client client(server.port());
    const auto id = [](int n) { return "X-Request-Id: " + std::to_string(n) + "\r\n"; };
    client.send(post("/query/rows", "{}", id(1)) + get("/heartbeat", id(2)) + post("/query/rows", "", id(3)));
    for (int expected = 1; expected <= 3; ++expected) {
        const answer got = client.receive();
        EXPECT_EQ(got.status, 200U);
        EXPECT_EQ(got.header("X-Request-Id"), std::to_string(expected));
    }
}

TEST(session, closes_when_the_client_wants_that) {
    test_server server;
    test_client client(server.port());
    client.send(get("/heartbeat", "Connection: close\r\n"));
    EXPECT_EQ(client.receive().header("Connection"), "close");
    EXPECT_TRUE(client.ended());
}

TEST(session, speaks_http_1_0) {
    test_server server;
    test_client closing(server.port());
    closing.send("GET /heartbeat HTTP/1.0\r\n\r\n");
    EXPECT_EQ(closing.receive().header("Connection"), "close");
    EXPECT_TRUE(closing.ended());

    test_client keeping(server.port());
    for (int round = 0; round < 2; ++round) {
        keeping.send("GET /heartbeat HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        const answer got = keeping.receive();
        EXPECT_EQ(got.status, 200U);
        EXPECT_EQ(got.header("Connection"), "keep-alive");
    }
}

TEST(session, answers_head_like_get_without_the_body) {
    test_server server;
    for (const char* const path : {"/heartbeat", "/query/rows", "/readyz", "/nothing"}) {
        test_client client(server.port());
        client.send(get(path));
        const answer full = client.receive();
        std::string head = get(path);
        head.replace(0, 3, "HEAD");
        client.send(head + get("/heartbeat"));
        const answer bare = client.receive(true);
        EXPECT_EQ(bare.status, full.status) << path;
        EXPECT_EQ(bare.header("Content-Length"), full.header("Content-Length")) << path;
        EXPECT_EQ(bare.header("ETag"), full.header("ETag")) << path;
        EXPECT_EQ(client.receive().body, "{\"success\":true}\n") << path;
    }
}

TEST(session, refuses_unknown_paths_and_wrong_methods) {
    test_server server;
    struct {
        std::string request;
        unsigned status;
        std::string allow;
        std::string message;
    } const cases[] = {
        {get("/"), 404, "", "Not found"},
        {get("/heartbeat/"), 404, "", "Not found"},
        {get("//heartbeat"), 404, "", "Not found"},
        {get("/Heartbeat"), 404, "", "Not found"},
        {get("/query/"), 404, "", "Not found"},
        {get("/query/none"), 404, "", "Query not found"},
        {get("/query/hidden"), 404, "", "Query not found"},
        {get("/query/rows/"), 404, "", "Query not found"},
        {get("/query/x/../rows"), 404, "", "Query not found"},
        {get("/query/rows%00"), 404, "", "Query not found"},
        {get("/query/rows%2"), 404, "", "Query not found"},
        {post("/heartbeat", ""), 405, "GET, HEAD", "Method not allowed"},
        {"OPTIONS /query/rows HTTP/1.1\r\nHost: x\r\n\r\n", 405, "GET, HEAD, POST", "Method not allowed"},
        {"DELETE /query/rows HTTP/1.1\r\nHost: x\r\n\r\n", 405, "GET, HEAD, POST", "Method not allowed"},
        {get("/query/change"), 405, "POST", "Method not allowed"},
        {"PUT /query/change HTTP/1.1\r\nHost: x\r\n\r\n", 405, "POST", "Method not allowed"},
        {"PUT /query/none HTTP/1.1\r\nHost: x\r\n\r\n", 404, "", "Query not found"},
    };
    for (const auto& [request, status, allow, message] : cases) {
        const answer got = ask(server, request);
        EXPECT_EQ(got.status, status) << request;
        EXPECT_EQ(got.header("Allow"), allow) << request;
        EXPECT_NE(got.body.find("\"error\":\"" + message + "\""), std::string::npos) << got.body;
        EXPECT_NE(got.body.find("\"request_id\":\"" + got.header("X-Request-Id")), std::string::npos);
    }
    EXPECT_EQ(ask(server, get("/query/r%6Fws")).status, 200U);
    EXPECT_EQ(server.database->executed, 1);
}

TEST(session, refuses_smuggling_shapes_and_closes) {
    test_server server;
    for (const char* const headers :
         {"Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Host: x\r\nTransfer-Encoding: x\r\n",
          "Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
          "Host: x\r\nHost: y\r\n",
          "",
          "Host: x\r\nContent-Length : 5\r\n",
          "Host: x\r\nA: b\r\n c\r\n"}) {
        test_client client(server.port());
        client.send(
            "POST /query/rows HTTP/1.1\r\n" + std::string(headers) + "\r\n0\r\n\r\n" + get("/heartbeat")
        );
        const answer got = client.receive();
        EXPECT_EQ(got.status, 400U) << headers;
        EXPECT_EQ(got.header("Connection"), "close") << headers;
        EXPECT_TRUE(client.ended()) << headers;
    }
    EXPECT_EQ(server.database->executed, 0);
}

TEST(session, refuses_a_body_over_the_limit_by_one) {
    test_server server({}, with({.request_body = 100}));
    const std::string exact = "{" + std::string(98, ' ') + "}";
    EXPECT_EQ(ask(server, post("/query/rows", exact)).status, 200U);
    EXPECT_EQ(ask(server, post("/query/rows", exact + " ")).status, 413U);
    const auto chunked = [](const std::string& body) {
        return "POST /query/rows HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
               "Transfer-Encoding: chunked\r\n\r\n32\r\n" +
            body.substr(0, 50) + "\r\n" + (body.size() == 100 ? "32" : "33") + "\r\n" + body.substr(50) +
            "\r\n0\r\n\r\n";
    };
    EXPECT_EQ(ask(server, chunked(exact)).status, 200U);
    EXPECT_EQ(ask(server, chunked(exact + " ")).status, 413U);
}

TEST(session, lets_a_client_that_still_sends_see_why_its_body_was_refused) {
    test_server server({}, with({.request_body = 100}));
    test_client client(server.port());
    client.send("POST /query/rows HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                "3000000\r\n\r\n");
    client.send(std::string(3'000'000, ' '));
    EXPECT_EQ(client.receive().status, 413U);
    EXPECT_TRUE(client.ended());
}

TEST(session, refuses_a_head_over_the_limit_by_one) {
    test_server server({}, with({.request_header = 100}));
    const std::string frame = get("/heartbeat", "A: \r\n");
    const std::string padding(100 - frame.size(), 'a');
    EXPECT_EQ(ask(server, get("/heartbeat", "A: " + padding + "\r\n")).status, 200U);
    EXPECT_EQ(ask(server, get("/heartbeat", "A: a" + padding + "\r\n")).status, 431U);
    EXPECT_EQ(ask(server, get("/" + std::string(9000, 'a'))).status, 414U);
}

TEST(session, asks_for_the_body_only_when_it_wants_it) {
    test_server server({}, with({.request_body = 10}));
    test_client wanted(server.port());
    const std::string head =
        "POST /query/rows HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
    wanted.send(head + "Content-Length: 2\r\n\r\n");
    EXPECT_EQ(wanted.receive().status, 100U);
    wanted.send("{}");
    EXPECT_EQ(wanted.receive().status, 200U);

    test_client too_large(server.port());
    too_large.send(head + "Content-Length: 11\r\n\r\n");
    EXPECT_EQ(too_large.receive().status, 413U);

    test_client unknown(server.port());
    unknown.send("POST /query/none HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    const answer got = unknown.receive();
    EXPECT_EQ(got.status, 404U);
    EXPECT_EQ(got.header("Connection"), "close");

    EXPECT_EQ(ask(server, get("/heartbeat", "Expect: magic\r\n")).status, 417U);
}

TEST(session, keeps_the_connection_when_a_refused_request_was_read_whole) {
    test_server server;
    test_client client(server.port());
    client.send(post("/query/none", "{}") + post("/query/rows", "{\"x\":1}") + get("/heartbeat"));
    EXPECT_EQ(client.receive().status, 404U);
    EXPECT_EQ(client.receive().status, 400U);
    EXPECT_EQ(client.receive().status, 200U);
}

TEST(session, wants_json_bodies_that_say_so) {
    test_server server;
    const auto with_type = [](const std::string& headers) {
        return "POST /query/rows HTTP/1.1\r\nHost: x\r\n" + headers + "Content-Length: 2\r\n\r\n{}";
    };
    EXPECT_EQ(ask(server, with_type("Content-Type: application/json; charset=utf-8\r\n")).status, 200U);
    EXPECT_EQ(ask(server, with_type("")).status, 415U);
    EXPECT_EQ(ask(server, with_type("Content-Type: text/plain\r\n")).status, 415U);
    EXPECT_EQ(
        ask(server, with_type("Content-Type: application/json\r\nContent-Encoding: gzip\r\n")).status, 415U
    );
    EXPECT_EQ(ask(server, "POST /query/rows HTTP/1.1\r\nHost: x\r\n\r\n").status, 200U);
    EXPECT_EQ(ask(server, post("/query/rows", "[]")).status, 400U);
    EXPECT_EQ(ask(server, post("/query/rows", "{")).status, 400U);
}

TEST(session, reads_inputs_from_body_and_query_string) {
    test_server server;
    EXPECT_EQ(ask(server, post("/query/needs", R"({"n":1,"list":["a"]})")).status, 200U);
    EXPECT_EQ(ask(server, get("/query/needs?n=1&list=a&list=b+c%21")).status, 200U);
    EXPECT_EQ(ask(server, get("/query/needs?n=%")).status, 400U);
    const answer missing = ask(server, get("/query/needs"));
    EXPECT_EQ(missing.status, 400U);
    EXPECT_NE(missing.body.find("\"code\":\"invalid_input\""), std::string::npos);
    EXPECT_NE(missing.body.find("\"details\":[{\"field\":\"n\""), std::string::npos);
    EXPECT_EQ(server.database->executed, 2);
}

TEST(session, answers_in_the_format_that_is_asked_for) {
    test_server server({.rows_per_batch = 2});
    EXPECT_EQ(
        ask(server, get("/query/rows")).body,
        "{\"success\":true,\"error\":\"\",\"results\":[{\"text\":\"x\"},{\"text\":\"x\"}]}\n"
    );
    const answer lines = ask(server, get("/query/rows", "Accept: application/x-ndjson\r\n"));
    EXPECT_EQ(lines.body, "{\"text\":\"x\"}\n{\"text\":\"x\"}\n");
    EXPECT_EQ(lines.header("Content-Type"), "application/x-ndjson");
    const answer csv = ask(server, get("/query/rows", "Accept: text/csv\r\n"));
    EXPECT_EQ(csv.body, "text\r\nx\r\nx\r\n");
    EXPECT_EQ(ask(server, get("/query/rows", "Accept: text/html\r\n")).status, 406U);
}

TEST(session, says_that_a_result_was_cut) {
    test_server server({.rows_per_batch = 3});
    EXPECT_NE(ask(server, get("/query/few")).body.find("\"truncated_by\":\"max_rows\""), std::string::npos);
    const answer csv = ask(server, get("/query/few", "Accept: text/csv\r\n"));
    EXPECT_EQ(csv.header("Hyperterse-Truncated"), "max_rows");
    EXPECT_EQ(ask(server, get("/query/rows", "Accept: text/csv\r\n")).header("Hyperterse-Truncated"), "");

    test_server large({.rows_per_batch = 3, .text = std::string(100'000, 'x')});
    const answer streamed = ask(large, get("/query/few", "Accept: text/csv\r\n"));
    EXPECT_EQ(streamed.header("Trailer"), "Hyperterse-Truncated");
    EXPECT_EQ(streamed.trailers, "Hyperterse-Truncated: max_rows\r\n");
}

TEST(session, breaks_off_a_cut_result_where_it_cannot_say_so) {
    const auto old_client = [](std::string_view path, std::string_view accept) {
        return "GET " + std::string(path) + " HTTP/1.0\r\nAccept: " + std::string(accept) + "\r\n\r\n";
    };
    test_server server({.rows_per_batch = 3, .text = std::string(100'000, 'x')});
    for (const char* accept : {"text/csv", "application/x-ndjson"}) {
        EXPECT_FALSE(ask(server, old_client("/query/few", accept)).complete) << accept;
        EXPECT_TRUE(ask(server, old_client("/query/rows", accept)).complete) << accept;
    }
    const answer in_body = ask(server, old_client("/query/few", "application/json"));
    EXPECT_TRUE(in_body.complete);
    EXPECT_NE(in_body.body.find("\"truncated_by\":\"max_rows\""), std::string::npos);
}

TEST(session, lets_clients_keep_what_has_not_changed) {
    test_server server;
    const answer first = ask(server, get("/query/rows"));
    const std::string tag = first.header("ETag");
    ASSERT_FALSE(tag.empty());
    EXPECT_EQ(first.header("Cache-Control"), "no-cache");
    test_client client(server.port());
    client.send(
        get("/query/rows", "If-None-Match: " + tag + "\r\n") + get("/query/rows", "If-None-Match: \"x\"\r\n")
    );
    const answer unchanged = client.receive();
    EXPECT_EQ(unchanged.status, 304U);
    EXPECT_EQ(unchanged.header("ETag"), tag);
    EXPECT_EQ(unchanged.header("Content-Length"), "");
    EXPECT_EQ(client.receive().status, 200U);
    const std::string two_lines = "If-None-Match: \"x\"\r\nIf-None-Match: " + tag + "\r\n";
    EXPECT_EQ(ask(server, get("/query/rows", two_lines)).status, 304U);
    EXPECT_EQ(ask(server, post("/query/rows", "")).header("ETag"), "");
    EXPECT_EQ(ask(server, post("/query/rows", "")).header("Cache-Control"), "no-store");
}

TEST(session, streams_a_large_result_in_chunks) {
    test_server server({.batches = 50, .rows_per_batch = 100, .text = std::string(500, 'x')});
    const answer got = ask(server, get("/query/rows"));
    EXPECT_EQ(got.status, 200U);
    EXPECT_EQ(got.header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(got.header("Content-Length"), "");
    EXPECT_TRUE(got.complete);
    EXPECT_TRUE(got.body.ends_with("]}\n"));
    EXPECT_GT(got.body.size(), 50U * 100U * 500U);
}

TEST(session, streams_to_http_1_0_until_it_closes) {
    test_server server({.batches = 10, .rows_per_batch = 100, .text = std::string(500, 'x')});
    const answer got = ask(server, "GET /query/rows HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(got.header("Transfer-Encoding"), "");
    EXPECT_EQ(got.header("Connection"), "close");
    EXPECT_TRUE(got.complete);
    EXPECT_TRUE(got.body.ends_with("]}\n"));
}

TEST(session, does_not_read_ahead_of_a_slow_reader) {
    constexpr std::size_t batches = 300;
    test_server server({.batches = batches, .rows_per_batch = 1, .text = std::string(100'000, 'x')});
    test_client client(server.port(), 4096);
    client.send(get("/query/rows"));
    ASSERT_TRUE(test_server::eventually([&] { return server.database->batches_pulled > 1; }));
    std::size_t before = 0;
    ASSERT_TRUE(test_server::eventually([&] { // it comes to a stand
        std::this_thread::sleep_for(milliseconds(50));
        return std::exchange(before, server.database->batches_pulled) == server.database->batches_pulled;
    }));
    EXPECT_LT(server.database->batches_pulled, batches);
    const answer got = client.receive();
    EXPECT_TRUE(got.complete);
    EXPECT_EQ(server.database->batches_pulled, batches);
}

TEST(session, gives_up_on_a_reader_that_stopped) {
    test_server server(
        {.batches = 1000, .rows_per_batch = 1, .text = std::string(100'000, 'x')},
        with({.write_timeout = milliseconds(100)})
    );
    testing::internal::CaptureStderr();
    test_client client(server.port(), 4096);
    client.send(get("/query/rows"));
    ASSERT_TRUE(test_server::eventually([&] { return server.database->executed == 1; }));
    EXPECT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 0; }));
    EXPECT_EQ(server.database->open, 0);
    const std::string logged = testing::internal::GetCapturedStderr();
    EXPECT_THAT(logged, ContainsRegex("W   query: an answer was cut off: .* query=rows code=timeout"));
    EXPECT_THAT(logged, ContainsRegex("access: request .* status=200 .* complete=false"));
}

TEST(session, compresses_larger_answers_for_clients_that_take_it) {
    const std::string text(2000, 'x');
    test_server server({.text = text});
    const answer plain = ask(server, get("/query/rows", "Accept-Encoding: gzip;q=0\r\n"));
    EXPECT_EQ(plain.header("Content-Encoding"), "");
    EXPECT_EQ(plain.header("Vary"), "Accept, Accept-Encoding");
    const answer zipped = ask(server, get("/query/rows", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(zipped.header("Content-Encoding"), "gzip");
    EXPECT_LT(zipped.body.size(), plain.body.size());
    EXPECT_EQ(gunzip(zipped.body), plain.body);
    EXPECT_NE(zipped.header("ETag"), plain.header("ETag"));

    test_server small;
    EXPECT_EQ(ask(small, get("/query/rows", "Accept-Encoding: gzip\r\n")).header("Content-Encoding"), "");
    test_server large({.batches = 50, .rows_per_batch = 100, .text = text});
    const answer streamed = ask(large, get("/query/rows", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(streamed.header("Content-Encoding"), "gzip");
    EXPECT_TRUE(streamed.complete);
    EXPECT_EQ(gunzip(streamed.body), ask(large, get("/query/rows")).body);
}

TEST(session, sends_only_the_head_of_a_large_result_when_asked_for_it) {
    test_server server({.batches = 50, .rows_per_batch = 100, .text = std::string(2000, 'x')});
    test_client client(server.port());
    client.send("HEAD /query/rows HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n" + get("/heartbeat"));
    const answer got = client.receive(true);
    EXPECT_EQ(got.status, 200U);
    EXPECT_EQ(got.header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(client.receive().body, "{\"success\":true}\n");
    EXPECT_EQ(server.database->open, 0);
}

TEST(session, answers_a_failure_before_the_first_byte_and_breaks_off_after_it) {
    test_server early({.fails_after = 0});
    const answer refused = ask(early, get("/query/rows"));
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_EQ(refused.body.find("secret"), std::string::npos);

    const script fails_late{
        .batches = 50, .rows_per_batch = 100, .text = std::string(2000, 'x'), .fails_after = 3
    };
    test_server late(fails_late);
    const answer chunked = ask(late, get("/query/rows"));
    EXPECT_EQ(chunked.status, 200U);
    EXPECT_FALSE(chunked.complete);
    const answer until_close = ask(late, "GET /query/rows HTTP/1.0\r\n\r\n");
    EXPECT_FALSE(until_close.complete);
}

TEST(session, passes_on_when_to_try_again) {
    test_server server(
        {.refusal =
             error{errc::overloaded, public_message{"Pool exhausted"}}.retry_after(std::chrono::seconds(7))}
    );
    const answer got = ask(server, get("/query/rows"));
    EXPECT_EQ(got.status, 503U);
    EXPECT_EQ(got.header("Retry-After"), "7");
}

TEST(session, logs_whether_the_client_got_all_of_an_answer) {
    const script fails_late{
        .batches = 50, .rows_per_batch = 100, .text = std::string(2000, 'x'), .fails_after = 3
    };
    testing::internal::CaptureStderr();
    {
        test_server late(fails_late);
        EXPECT_FALSE(ask(late, get("/query/rows")).complete);
        EXPECT_TRUE(ask(late, get("/heartbeat")).complete);
    }
    const std::string logged = testing::internal::GetCapturedStderr();
    EXPECT_THAT(logged, ContainsRegex("path=/query/rows .* complete=false"));
    EXPECT_THAT(logged, ContainsRegex("path=/heartbeat .* complete=true"));
}

TEST(session, logs_a_request_with_what_there_is_to_say) {
    testing::internal::CaptureStderr();
    {
        test_server server;
        ask(server, get("/heartbeat"));
        ask(server,
            get("/query/rows", "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01\r\n"));
    }
    const std::string logged = testing::internal::GetCapturedStderr();
    const std::string common = " status=200 duration_ms=[0-9]+(\\.[0-9]{1,3})? rows=[01] bytes=[0-9]+ "
                               "complete=true request_id=[0-9A-Z]+ client=127.0.0.1";
    EXPECT_THAT(logged, ContainsRegex("path=/heartbeat" + common + "\n"));
    EXPECT_THAT(
        logged,
        ContainsRegex("path=/query/rows" + common + " query=rows trace_id=0123456789abcdef0123456789abcdef\n")
    );
}

TEST(session, turns_an_exception_into_a_plain_500) {
    test_server server({.throws = true});
    const answer got = ask(server, get("/query/rows"));
    EXPECT_EQ(got.status, 500U);
    EXPECT_EQ(got.body.find("secret"), std::string::npos);
    EXPECT_NE(got.body.find("Internal server error"), std::string::npos);
}

TEST(session, ends_a_query_at_the_request_deadline) {
    test_server server({.hangs = true}, with({.request_timeout = milliseconds(50)}));
    EXPECT_EQ(ask(server, get("/query/rows")).status, 504U);
}

TEST(session, stops_the_query_of_a_client_that_went_away) {
    test_server server({.hangs = true});
    test_client client(server.port());
    client.send(get("/query/rows"));
    ASSERT_TRUE(test_server::eventually([&] { return server.database->executed == 1; }));
    client.close();
    EXPECT_TRUE(test_server::eventually([&] { return server.database->cancelled == 1; }));
    EXPECT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 0; }));
}

TEST(session, answers_408_when_head_or_body_come_too_slowly) {
    test_server server({}, with({.header_timeout = milliseconds(100), .body_timeout = milliseconds(100)}));
    const answer slow_head = ask(server, "GET / HTTP/1.1\r\nHost:");
    EXPECT_EQ(slow_head.status, 408U);
    EXPECT_EQ(slow_head.header("Connection"), "close");
    const std::string whole = post("/query/rows", "{}");
    EXPECT_EQ(ask(server, whole.substr(0, whole.size() - 1)).status, 408U);
}

TEST(session, does_not_extend_the_time_for_the_head_with_every_byte) {
    test_server server({}, with({.header_timeout = milliseconds(200)}));
    test_client client(server.port());
    std::thread dripping([&client] {
        for (int byte = 0; byte < 60; ++byte) {
            client.send("a");
            std::this_thread::sleep_for(milliseconds(5));
        }
    });
    EXPECT_EQ(client.receive().status, 408U);
    dripping.join();
}

TEST(session, closes_idle_connections_silently) {
    test_server server({}, with({.idle_timeout = milliseconds(100)}));
    test_client fresh(server.port());
    EXPECT_TRUE(fresh.ended());
    test_client used(server.port());
    used.send(get("/heartbeat"));
    EXPECT_EQ(used.receive().status, 200U);
    EXPECT_TRUE(used.ended());
}

TEST(session, refuses_queries_over_the_limit_in_flight) {
    test_server server({.hangs = true}, with({.in_flight = 1}));
    test_client first(server.port());
    first.send(get("/query/rows"));
    ASSERT_TRUE(test_server::eventually([&] { return server.database->executed == 1; }));
    const answer refused = ask(server, get("/query/rows"));
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_NE(refused.body.find("\"code\":\"overloaded\""), std::string::npos);
    EXPECT_EQ(ask(server, get("/heartbeat")).status, 200U);
    first.close();
    ASSERT_TRUE(test_server::eventually([&] { return server.database->cancelled == 1; }));
}

} // namespace
} // namespace hyperterse::http
