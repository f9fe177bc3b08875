#include "http/exchange.hpp"

#include "gateway/catalog.hpp"
#include "gateway/gateway.hpp"
#include "test_client.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace hyperterse::http {
namespace {

using asio::ip::tcp;

constexpr std::size_t large = 100 * 1024;
constexpr std::size_t small = 4 * 1024;

task<void> read_until(connection& peer, std::size_t wanted) {
    while (peer.input().size() < wanted) {
        const read_outcome outcome = co_await peer.read_some();
        if (outcome != read_outcome::received) {
            co_return;
        }
    }
}

// An exchange over a real connection, with every buffer as a large request leaves it.
class exchange_memory : public testing::Test {
protected:
    exchange_memory() {
        for (std::string* each :
             {&used_.body, &used_.content, &used_.fields, &used_.out, &used_.asked.text}) {
            each->assign(large, 'x');
        }
        used_.asked.headers.resize(large / sizeof(header));
    }

    void receive(std::string_view bytes) {
        client_.send(bytes);
        asio::co_spawn(context_, read_until(peer_, peer_.input().size() + bytes.size()), asio::detached);
        context_.restart();
        context_.run();
    }

    asio::io_context context_{1};
    gateway::catalog queries_{{}};
    gateway::health health_{0};
    gateway::gateway through_{.queries = queries_, .adapters = {}, .state = health_};
    std::shared_ptr<worker> home_ = std::make_shared<worker>(
        context_,
        std::shared_ptr<server_state>(
            new server_state{.limits = {}, .trusted_proxies = {}, .through = through_}
        )
    );
    asio::basic_socket_acceptor<tcp, executor> acceptor_{
        context_.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)
    };
    test_client client_{acceptor_.local_endpoint().port()};
    connection peer_{acceptor_.accept(), 64 * 1024};
    exchange used_{.peer = peer_, .home = *home_, .role = listener_role::service};
};

TEST_F(exchange_memory, is_given_back_before_the_connection_idles) {
    receive(std::string(30'000, 'x'));
    ASSERT_GE(peer_.input_capacity(), 30'000U);
    peer_.consume(peer_.input().size());
    used_.clear();
    for (const std::string* each :
         {&used_.body, &used_.content, &used_.fields, &used_.out, &used_.asked.text}) {
        EXPECT_TRUE(each->empty());
        EXPECT_LE(each->capacity(), small);
    }
    EXPECT_LE(used_.asked.headers.capacity() * sizeof(header), small);
    EXPECT_LE(peer_.input_capacity(), small);
    receive("next");
    EXPECT_EQ(peer_.input(), "next");
}

TEST_F(exchange_memory, is_kept_while_the_next_request_waits) {
    receive("GET");
    used_.clear();
    EXPECT_TRUE(used_.content.empty());
    EXPECT_GE(used_.content.capacity(), large);
    EXPECT_GE(used_.body.capacity(), large);
    EXPECT_EQ(peer_.input(), "GET");
}

} // namespace
} // namespace hyperterse::http
