#include "http/server.hpp"

#include "test_client.hpp"
#include "test_server.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace hyperterse::http {
namespace {

constexpr std::string_view heartbeat = "GET /heartbeat HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view rows = "GET /query/rows HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view readyz = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";

// Binds without serving.
result<std::unique_ptr<server>> try_listen(server_options options) {
    static asio::io_context context(1);
    static const gateway::catalog queries({});
    static gateway::health health(0);
    static gateway::gateway through{.queries = queries, .adapters = {}, .state = health};
    asio::io_context* const workers[] = {&context};
    return server::listen(std::move(options), through, workers);
}

TEST(server, tells_the_address_with_the_real_port) {
    const auto four = try_listen({.listen = {.host = "127.0.0.1", .port = 0}});
    ASSERT_TRUE(four);
    EXPECT_NE((*four)->port(), 0);
    EXPECT_EQ((*four)->address(), "127.0.0.1:" + std::to_string((*four)->port()));
    EXPECT_FALSE((*four)->admin_port());
}

TEST(server, puts_ipv6_addresses_in_brackets) {
    const auto six = try_listen({.listen = {.host = "::1", .port = 0}});
    if (!six) {
        GTEST_SKIP() << "no IPv6 here: " << six.error().message();
    }
    EXPECT_EQ((*six)->address(), "[::1]:" + std::to_string((*six)->port()));
}

TEST(server, prefers_ipv4_for_a_name) {
    const auto named = try_listen({.listen = {.host = "localhost", .port = 0}});
    ASSERT_TRUE(named);
    EXPECT_EQ((*named)->address(), "127.0.0.1:" + std::to_string((*named)->port()));
}

TEST(server, says_which_address_it_cannot_have_and_why) {
    const auto holder = try_listen({.listen = {.host = "127.0.0.1", .port = 0}});
    ASSERT_TRUE(holder);
    const std::uint16_t port = (*holder)->port();
    const auto taken = try_listen({.listen = {.host = "127.0.0.1", .port = port}});
    ASSERT_FALSE(taken);
    EXPECT_EQ(
        taken.error().message(), "cannot listen on 127.0.0.1:" + std::to_string(port) + ": the port is in use"
    );
    const auto nowhere = try_listen({.listen = {.host = "256.1.1.1.invalid.", .port = 1}});
    ASSERT_FALSE(nowhere);
    EXPECT_TRUE(nowhere.error().message().starts_with("cannot listen on 256.1.1.1.invalid.:1: "));
}

TEST(server, refuses_a_trusted_proxy_that_is_no_range) {
    const auto refused =
        try_listen({.listen = {.host = "127.0.0.1"}, .trusted_proxies = {"10.0.0.0/8", "lan"}});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("'lan'"), std::string::npos);
}

TEST(server, tells_clients_over_the_limit_on_connections_so) {
    test_server server({}, {.limits = {.connections = 1}});
    test_client first(server.port());
    first.send(heartbeat);
    EXPECT_EQ(first.receive().status, 200U);
    test_client second(server.port());
    second.send(heartbeat);
    const answer refused = second.receive();
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.header("Connection"), "close");
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_TRUE(second.ended());
    second.close();
    first.send(heartbeat);
    EXPECT_EQ(first.receive().status, 200U);
    first.close();
    ASSERT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 0; }));
    test_client third(server.port());
    third.send(heartbeat);
    EXPECT_EQ(third.receive().status, 200U);
}

TEST(server, answers_probes_of_the_admin_listener_while_the_service_is_full) {
    test_server server(
        {}, {.admin = listen_options{.host = "127.0.0.1", .port = 0}, .limits = {.connections = 1}}
    );
    test_client first(server.port());
    first.send(heartbeat);
    EXPECT_EQ(first.receive().status, 200U);
    test_client admin(server.http->admin_port().value());
    admin.send(readyz);
    EXPECT_EQ(admin.receive().status, 200U);
    EXPECT_EQ(server.http->active_sessions(), 2U);
    first.close();
    ASSERT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 1; }));
    test_client second(server.port());
    second.send(heartbeat);
    EXPECT_EQ(second.receive().status, 200U);
}

TEST(server, bounds_the_connections_of_the_admin_listener_on_their_own) {
    test_server server({}, {.admin = listen_options{.host = "127.0.0.1", .port = 0}});
    const std::uint16_t port = server.http->admin_port().value();
    std::vector<std::unique_ptr<test_client>> probes;
    for (int count = 0; count < 256; ++count) {
        probes.push_back(std::make_unique<test_client>(port));
    }
    ASSERT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 256; }));
    test_client one_more(port);
    EXPECT_EQ(one_more.receive().status, 503U);
    test_client client(server.port());
    client.send(heartbeat);
    EXPECT_EQ(client.receive().status, 200U);
}

TEST(server, tells_the_public_only_whether_it_is_ready) {
    test_server server({.available = false}, {.admin = listen_options{.host = "127.0.0.1", .port = 0}});
    test_client client(server.port());
    client.send(readyz);
    const answer brief = client.receive();
    EXPECT_EQ(brief.status, 503U);
    EXPECT_EQ(brief.body, "{\"status\":\"not_ready\"}\n");

    server.health().quarantine(0, "no such table");
    test_client admin(server.http->admin_port().value());
    admin.send(readyz);
    const answer detailed = admin.receive();
    EXPECT_EQ(detailed.status, 503U);
    EXPECT_NE(
        detailed.body.find(R"("name":"scripted","available":false,"reason":"down for the test")"),
        std::string::npos
    );
    EXPECT_NE(
        detailed.body.find(R"({"name":"rows","state":"quarantined","reason":"no such table"})"),
        std::string::npos
    );
    admin.send(rows);
    EXPECT_EQ(admin.receive().status, 404U);
}

TEST(server, is_ready_until_it_drains) {
    test_server server;
    test_client client(server.port());
    client.send(readyz);
    EXPECT_EQ(client.receive().body, "{\"status\":\"ready\"}\n");
    server.health().start_draining();
    client.send(readyz);
    EXPECT_EQ(client.receive().status, 503U);
}

TEST(server, drains_idle_connections_at_once_and_active_ones_after_their_answer) {
    test_server server({.hangs = true}, {.limits = {.request_timeout = std::chrono::milliseconds(500)}});
    test_client idle(server.port());
    idle.send(heartbeat);
    EXPECT_EQ(idle.receive().status, 200U);
    test_client active(server.port());
    active.send(rows);
    ASSERT_TRUE(test_server::eventually([&] { return server.database->executed == 1; }));

    server.http->start_drain();
    EXPECT_TRUE(idle.ended());
    const answer last = active.receive();
    EXPECT_EQ(last.status, 504U);
    EXPECT_EQ(last.header("Connection"), "close");
    EXPECT_TRUE(active.ended());
    active.close();
    EXPECT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 0; }));
    EXPECT_EQ(server.database->cancelled, 0);
}

TEST(server, cancels_what_still_runs) {
    test_server server({.hangs = true});
    test_client active(server.port());
    active.send(rows);
    test_client half(server.port());
    half.send("GET /half");
    ASSERT_TRUE(test_server::eventually([&] { return server.database->executed == 1; }));
    ASSERT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 2; }));
    server.http->cancel_all();
    const answer stopped = active.receive();
    EXPECT_EQ(stopped.status, 503U);
    EXPECT_NE(stopped.body.find("\"code\":\"unavailable\""), std::string::npos);
    EXPECT_EQ(stopped.header("Connection"), "close");
    EXPECT_TRUE(active.ended());
    EXPECT_TRUE(half.ended());
    EXPECT_TRUE(test_server::eventually([&] { return server.http->active_sessions() == 0; }));
    EXPECT_EQ(server.database->cancelled, 1);
}

TEST(server, may_be_destroyed_before_its_workers_and_without_a_drain) {
    asio::io_context context(1);
    const gateway::catalog queries({});
    gateway::health health(0);
    gateway::gateway through{.queries = queries, .adapters = {}, .state = health};
    asio::io_context* const workers[] = {&context};
    auto listening = server::listen({.listen = {.host = "127.0.0.1"}}, through, workers);
    ASSERT_TRUE(listening);
    (*listening)->start();
    test_client client((*listening)->port());
    context.run_for(std::chrono::milliseconds(20));
    EXPECT_EQ((*listening)->active_sessions(), 1U);
    listening->reset();
    context.run_for(std::chrono::milliseconds(20));
}

} // namespace
} // namespace hyperterse::http
