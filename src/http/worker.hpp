#pragma once

#include "base/task.hpp"
#include "gateway/gateway.hpp"
#include "http/connection.hpp"
#include "http/forwarded.hpp"
#include "http/gzip.hpp"
#include "http/options.hpp"
#include "http/request_id.hpp"
#include "http/response.hpp"

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <memory>
#include <poll.h>
#include <string_view>
#include <vector>

namespace hyperterse::http {

// What all workers share.
struct server_state {
    server_limits limits;
    std::vector<cidr> trusted_proxies;
    gateway::gateway& through;
    std::atomic<std::size_t> service_sessions = 0;
    std::atomic<std::size_t> admin_sessions = 0;
    std::atomic<std::size_t> turned_away = 0; // sessions that only answer that there are too many
    std::atomic<std::size_t> in_flight = 0;
};

// Counts one in a counter of server_state, which outlives it.
class counted {
public:
    counted(std::shared_ptr<server_state> of, std::atomic<std::size_t> server_state::* counter) :
        of_(std::move(of)), counter_(counter), others_((of_.get()->*counter_).fetch_add(1)) {}
    counted(counted&&) = default;
    counted& operator=(counted&&) = delete;
    ~counted() {
        if (of_) {
            (of_.get()->*counter_).fetch_sub(1);
        }
    }

    // How many there were before this one.
    std::size_t others() const { return others_; }

private:
    std::shared_ptr<server_state> of_;
    std::atomic<std::size_t> server_state::* counter_;
    std::size_t others_;
};

// The connections of one event loop, and the watchdog that ends their waiting: one timer for all of them,
// which ticks only while there are connections. Everything but post_*() runs on the loop's thread.
class worker : public std::enable_shared_from_this<worker> {
public:
    worker(asio::io_context& context, std::shared_ptr<server_state> serving) :
        context_(context), serving_(std::move(serving)) {}

    asio::io_context& context() { return context_; }
    const std::shared_ptr<server_state>& serving() const { return serving_; }

    // The connection takes itself off when it is destroyed.
    void add(connection& joining);

    // Any thread.
    void post_drain();
    void post_cancel();
    bool draining() const { return draining_; }
    bool cancelled() const { return cancelled_; }

    std::string_view date();
    void make_request_id(std::string& out);

    // A compressor, ready for a new body; give it back for the next.
    std::unique_ptr<gzip_stream> take_gzip();
    void give_back(std::unique_ptr<gzip_stream> used) { spare_gzip_ = std::move(used); }

private:
    static task<void> watch(std::shared_ptr<worker> self);
    void tick();
    void drain();
    void cancel();

    using connections = boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>>;

    asio::io_context& context_;
    std::shared_ptr<server_state> serving_;
    connections connections_;
    bool watching_ = false;
    bool draining_ = false;
    bool cancelled_ = false;
    std::vector<pollfd> polled_; // of one tick
    std::vector<connection*> polled_connections_;
    date_clock date_;
    request_id_source request_ids_;
    std::unique_ptr<gzip_stream> spare_gzip_;
};

// What to give asio::co_spawn: logs an exception that escaped.
void log_exception(std::exception_ptr thrown);

} // namespace hyperterse::http
