#pragma once

#include "gateway/catalog.hpp"
#include "gateway/gateway.hpp"
#include "http/server.hpp"
#include "scripted_adapter.hpp"
#include "statement/compile.hpp"

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hyperterse::http {

inline gateway::query make_query(std::size_t index, std::string name, statement::effect effect) {
    gateway::query made{};
    made.index = index;
    made.name = std::move(name);
    made.adapters = {0};
    made.statements = std::move(*statement::compile("SELECT 1", statement::dialect::sqlite, {}).compiled);
    made.effect = effect;
    made.timeout = std::chrono::seconds(30);
    made.max_rows = 1'000'000;
    return made;
}

inline gateway::input make_input(std::string name, value_type type) {
    gateway::input made{};
    made.name = std::move(name);
    made.type = type;
    return made;
}

// rows (a read), few (a read cut at two rows), needs (a read with the inputs n and list), change (a write),
// hidden (not for REST).
inline std::vector<gateway::query> make_queries() {
    std::vector<gateway::query> queries;
    queries.push_back(make_query(0, "rows", statement::effect::read));
    queries.push_back(make_query(1, "few", statement::effect::read));
    queries.back().max_rows = 2;
    queries.push_back(make_query(2, "needs", statement::effect::read));
    queries.back().inputs.push_back(make_input("n", value_type::integer));
    queries.back().inputs.push_back(make_input("list", value_type::string));
    queries.back().inputs.back().array = true;
    queries.back().inputs.back().required = false;
    queries.push_back(make_query(3, "change", statement::effect::write));
    queries.push_back(make_query(4, "hidden", statement::effect::read));
    queries.back().expose.rest = false;
    return queries;
}

// A server on a free port with two workers, over a scripted database. Limits are generous unless given.
class test_server {
public:
    explicit test_server(script played = {}, server_options options = {}) :
        queries_(make_queries()), health_(queries_.queries().size()) {
        auto made = std::make_unique<scripted_adapter>(std::move(played));
        database = made.get();
        adapters_[0] = std::move(made);
        for (std::size_t index = 0; index < queries_.queries().size(); ++index) {
            health_.set_ready(index);
        }
        options.listen = {.host = "127.0.0.1", .port = 0};
        std::vector<asio::io_context*> contexts;
        for (auto& each : contexts_) {
            contexts.push_back(&each);
            guards_.emplace_back(each.get_executor());
        }
        auto listening = server::listen(std::move(options), through_, contexts);
        if (!listening) {
            throw std::runtime_error(listening.error().message());
        }
        http = std::move(*listening);
        http->start();
        for (auto& each : contexts_) {
            threads_.emplace_back([&each] { each.run(); });
        }
    }
    ~test_server() {
        http->cancel_all();
        EXPECT_TRUE(eventually([&] { return http->active_sessions() == 0; }));
        http.reset();
        guards_.clear();
        for (auto& each : contexts_) {
            each.stop();
        }
        for (auto& each : threads_) {
            each.join();
        }
    }

    std::uint16_t port() const { return http->port(); }
    gateway::health& health() { return health_; }

    // Whether it becomes true within ten seconds.
    template <class Condition>
    static bool eventually(Condition condition) {
        const auto until = deadline::in(std::chrono::seconds(10));
        while (!condition()) {
            if (until.passed()) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }

    scripted_adapter* database;
    std::unique_ptr<server> http;

private:
    gateway::catalog queries_;
    gateway::health health_;
    std::array<std::unique_ptr<adapter::adapter>, 1> adapters_;
    gateway::gateway through_{.queries = queries_, .adapters = adapters_, .state = health_};
    std::array<asio::io_context, 2> contexts_{asio::io_context(1), asio::io_context(1)};
    std::vector<asio::executor_work_guard<executor>> guards_;
    std::vector<std::thread> threads_;
};

} // namespace hyperterse::http
