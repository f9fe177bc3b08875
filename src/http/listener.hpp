#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "http/exchange.hpp"
#include "http/options.hpp"
#include "http/worker.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <vector>

namespace hyperterse::http {

// A bound socket and the loop that deals its connections to the workers, in turn.
class listener : public std::enable_shared_from_this<listener> {
public:
    // Binds and listens; accepts nothing yet. The error says where and why not.
    static result<std::shared_ptr<listener>>
    bind(const listen_options& where, listener_role role, std::vector<std::shared_ptr<worker>> workers);

    const asio::ip::tcp::endpoint& local() const { return local_; }

    void start();
    // Any thread.
    void post_close();

private:
    using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;

    listener(acceptor bound, listener_role role, std::vector<std::shared_ptr<worker>> workers);
    static task<void> accept_all(std::shared_ptr<listener> self);
    boost::system::error_code accept_waiting();
    void deal(tcp_socket socket, const std::shared_ptr<worker>& home);

    acceptor acceptor_; // on the first worker
    asio::ip::tcp::endpoint local_;
    listener_role role_;
    std::vector<std::shared_ptr<worker>> workers_;
    std::size_t turn_ = 0;
};

} // namespace hyperterse::http
