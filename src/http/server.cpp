#include "http/server.hpp"

#include "base/log.hpp"
#include "http/descriptors.hpp"
#include "http/forwarded.hpp"
#include "http/listener.hpp"
#include "http/worker.hpp"

#include <fmt/format.h>
#include <utility>
#include <vector>

namespace hyperterse::http {

namespace {

result<std::vector<cidr>> parse_networks(const std::vector<std::string>& written) {
    std::vector<cidr> networks;
    for (const std::string& each : written) {
        const auto network = parse_cidr(each);
        if (!network) {
            return error{
                errc::invalid_input,
                public_message{"trusted_proxies: '" + each + "' is neither an address nor a CIDR range"}
            };
        }
        networks.push_back(*network);
    }
    return networks;
}

// The limits that the process can keep with the file descriptors that it may have.
server_limits within_descriptors(server_limits wanted) {
    const std::size_t descriptors = raise_descriptor_limit();
    const std::size_t connections = connections_within(descriptors, wanted.connections);
    if (connections < wanted.connections) {
        log::warn(
            "http",
            "fewer connections than configured: the process may open too few file descriptors",
            {{"configured", static_cast<std::int64_t>(wanted.connections)},
             {"connections", static_cast<std::int64_t>(connections)},
             {"descriptors", static_cast<std::int64_t>(descriptors)}}
        );
    }
    wanted.connections = connections;
    return wanted;
}

class tcp_server final : public server {
public:
    tcp_server(
        std::shared_ptr<server_state> state,
        std::vector<std::shared_ptr<worker>> workers,
        std::shared_ptr<listener> service,
        std::shared_ptr<listener> admin
    ) :
        state_(std::move(state)),
        workers_(std::move(workers)),
        service_(std::move(service)),
        admin_(std::move(admin)) {}

    ~tcp_server() override { close_listeners(); }

    std::string address() const override {
        const auto& local = service_->local();
        const std::string host = local.address().to_string();
        return local.address().is_v6() ? fmt::format("[{}]:{}", host, local.port())
                                       : fmt::format("{}:{}", host, local.port());
    }
    std::uint16_t port() const override { return service_->local().port(); }
    std::optional<std::uint16_t> admin_port() const override {
        return admin_ ? std::optional(admin_->local().port()) : std::nullopt;
    }

    void start() override {
        service_->start();
        if (admin_) {
            admin_->start();
        }
    }

    void start_drain() override {
        close_listeners();
        for (const auto& each : workers_) {
            each->post_drain();
        }
    }

    void cancel_all() override {
        close_listeners();
        for (const auto& each : workers_) {
            each->post_cancel();
        }
    }

    std::size_t active_sessions() const override {
        return state_->service_sessions.load() + state_->admin_sessions.load() + state_->turned_away.load();
    }

private:
    void close_listeners() {
        service_->post_close();
        if (admin_) {
            admin_->post_close();
        }
    }

    std::shared_ptr<server_state> state_;
    std::vector<std::shared_ptr<worker>> workers_;
    std::shared_ptr<listener> service_;
    std::shared_ptr<listener> admin_; // null: there is none
};

} // namespace

result<std::unique_ptr<server>> server::listen(
    server_options options, gateway::gateway& through, std::span<asio::io_context* const> contexts
) {
    auto networks = parse_networks(options.trusted_proxies);
    if (!networks) {
        return networks.error();
    }
    const std::shared_ptr<server_state> state(new server_state{
        .limits = within_descriptors(options.limits),
        .trusted_proxies = std::move(*networks),
        .through = through
    });
    std::vector<std::shared_ptr<worker>> workers;
    for (asio::io_context* const each : contexts) {
        workers.push_back(std::make_shared<worker>(*each, state));
    }
    auto service = listener::bind(options.listen, listener_role::service, workers);
    if (!service) {
        return service.error();
    }
    std::shared_ptr<listener> admin;
    if (options.admin) {
        auto bound = listener::bind(*options.admin, listener_role::admin, workers);
        if (!bound) {
            return bound.error();
        }
        admin = *bound;
    }
    return std::unique_ptr<server>(
        new tcp_server(state, std::move(workers), std::move(*service), std::move(admin))
    );
}

} // namespace hyperterse::http
