#include "app/server.hpp"

#include "app/startup.hpp"
#include "app/workers.hpp"
#include "base/json_text.hpp"
#include "base/log.hpp"
#include "base/repeated.hpp"
#include "base/text.hpp"
#include "gateway/gateway.hpp"
#include "http/server.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <random>
#include <stop_token>
#include <utility>

namespace hyperterse::app {

namespace {

using namespace std::chrono_literals;
using timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

constexpr auto poll_interval = 20ms; // of the control thread, while something starts or ends
constexpr auto cancel_patience = 5s; // for calls to end after they were cancelled
constexpr std::chrono::milliseconds first_retry = 100ms; // of an adapter that is down
constexpr std::chrono::milliseconds last_retry = 1s;
constexpr std::chrono::milliseconds between_looks = 5s; // at a query that its database rejects

enum class start_outcome : std::uint8_t { serving, unavailable, fatal };

http::server_options http_options(const config::server_config& written, const settings& chosen) {
    http::server_options options;
    options.listen = {.host = chosen.host, .port = chosen.port};
    if (written.admin) {
        options.admin = http::listen_options{
            .host = written.admin->host.value_or(chosen.host), .port = written.admin->port.value_or(0)
        };
    }
    options.limits = {
        .request_body = written.limits.request_body,
        .request_header = written.limits.request_header,
        .json_depth = written.limits.json_depth,
        .connections = written.limits.connections,
        .in_flight = written.limits.in_flight,
        .request_timeout = written.limits.request_timeout,
        .header_timeout = written.limits.header_timeout,
        .body_timeout = written.limits.body_timeout,
        .idle_timeout = written.limits.idle_timeout,
        .write_timeout = written.limits.write_timeout,
    };
    for (const auto& network : written.trusted_proxies) {
        options.trusted_proxies.push_back(network.value);
    }
    return options;
}

task<void> pause(steady_clock::duration length) {
    timer waited(co_await asio::this_coro::executor, length);
    constexpr auto as_result = asio::as_tuple(use_task);
    co_await waited.async_wait(as_result);
}

// True once `condition()` holds, false at the deadline or when stop is requested.
template <class Condition>
task<bool> wait_until(Condition condition, call_context context) {
    while (!condition()) {
        if (context.interrupted()) {
            co_return false;
        }
        co_await pause(poll_interval);
    }
    co_return true;
}

class serving final : public server {
public:
    serving(bundle served, const settings& chosen);
    result<void> listen();
    int run() override;

private:
    task<void> live();
    task<bool> start_adapters();
    task<void> start_first_time(std::size_t index, start_outcome& outcome, std::size_t& running);
    task<start_outcome> start_adapter(std::size_t index);
    void report(std::size_t index, const error& why, log::level severity);
    task<void> keep_trying(std::size_t index);
    task<void> look_again(std::size_t index);
    std::vector<std::size_t> quarantined_of(std::size_t index) const;
    bool take(const std::vector<query_finding>& findings);
    void announce() const;
    task<bool> drain();
    task<bool> sessions_end(call_context context);
    task<void> close_adapters();
    void watch_signals();
    void on_signal(int number);

    bool strict() const { return served_.model.server.startup == config::startup_mode::strict; }

    bundle served_;
    settings chosen_;
    gateway::health health_;
    asio::io_context control_{1}; // start, signals and drain, on the thread that calls run()
    std::vector<std::unique_ptr<adapter::adapter>> adapters_;
    std::vector<repeated> failures_; // of the starts of each
    gateway::gateway gateway_;
    workers workers_;
    asio::signal_set signals_{control_, SIGINT, SIGTERM};
    timer first_signal_{control_, steady_clock::time_point::max()}; // cancelled by it
    std::stop_source stopping_;                                     // requested by the first signal
    std::stop_source cancelling_;                                   // requested by the second
    std::size_t retrying_ = 0;                                      // keep_trying() coroutines
    std::unique_ptr<http::server> http_;
    int exit_status_ = 0;
};

std::vector<std::unique_ptr<adapter::adapter>> make_adapters(const std::vector<adapter_plan>& plans) {
    std::vector<std::unique_ptr<adapter::adapter>> made;
    for (const adapter_plan& plan : plans) {
        made.push_back(plan.backend->make(plan.options));
    }
    return made;
}

serving::serving(bundle served, const settings& chosen) :
    served_(std::move(served)),
    chosen_(chosen),
    health_(served_.queries->queries().size()),
    adapters_(make_adapters(served_.adapters)),
    failures_(adapters_.size()),
    gateway_{.queries = *served_.queries, .adapters = adapters_, .state = health_},
    workers_(chosen.workers) {}

result<void> serving::listen() {
    auto listening =
        http::server::listen(http_options(served_.model.server, chosen_), gateway_, workers_.contexts());
    if (!listening) {
        return listening.error();
    }
    http_ = std::move(*listening);
    return {};
}

int serving::run() {
    watch_signals();
    asio::co_spawn(control_, live(), rethrow);
    control_.run();
    return exit_status_;
}

task<void> serving::live() {
    http_->start();
    const bool started = co_await start_adapters();
    if (started && !stopping_.stop_requested()) {
        announce();
        constexpr auto as_result = asio::as_tuple(use_task);
        co_await first_signal_.async_wait(as_result);
    }
    const bool stopped_by_failure = !started && stopping_.request_stop();
    exit_status_ = stopped_by_failure ? 1 : 0;
    const bool drained = co_await drain();
    if (!drained) {
        // Their frames still use what would be destroyed now.
        log::error("server", "calls did not end after they were cancelled; ending the process");
        log::flush();
        std::_Exit(1);
    }
    co_await close_adapters();
    http_.reset();
    workers_.stop();
    signals_.cancel();
    log::info("server", "stopped");
}

// False when the process cannot serve: a wrong configuration, or anything missing with `startup: strict`.
task<bool> serving::start_adapters() {
    std::vector<start_outcome> outcomes(adapters_.size(), start_outcome::unavailable);
    std::size_t running = adapters_.size();
    for (std::size_t index = 0; index < adapters_.size(); ++index) {
        asio::co_spawn(control_, start_first_time(index, outcomes[index], running), rethrow);
    }
    const auto all_ended = [&running] { return running == 0; };
    co_await wait_until(all_ended, {.until = deadline::never(), .stop = {}});

    bool started = true;
    for (std::size_t index = 0; index < adapters_.size(); ++index) {
        const bool missing = outcomes[index] == start_outcome::unavailable;
        if (outcomes[index] == start_outcome::fatal || (missing && strict())) {
            started = false;
        } else if (missing) {
            ++retrying_;
            asio::co_spawn(control_, keep_trying(index), rethrow);
        }
    }
    co_return started;
}

task<void> serving::start_first_time(std::size_t index, start_outcome& outcome, std::size_t& running) {
    outcome = co_await start_adapter(index);
    --running;
}

task<start_outcome> serving::start_adapter(std::size_t index) {
    adapter::adapter& database = *adapters_[index];
    const auto connect_patience = served_.model.adapters[index].connect_timeout;
    const call_context connecting{.until = deadline::in(connect_patience), .stop = stopping_.get_token()};
    const auto failed = co_await database.start(connecting);
    if (failed) {
        const bool fatal = failed->kind == adapter::start_failure::configuration;
        report(index, failed->why, fatal ? log::level::error : log::level::warn);
        co_return fatal ? start_outcome::fatal : start_outcome::unavailable;
    }
    const call_context describing{.until = deadline::in(describe_patience), .stop = stopping_.get_token()};
    auto described = queries_of(index, *served_.queries);
    const auto findings =
        co_await describe_queries(database, std::move(described), *served_.queries, describing);
    if (!findings) {
        report(index, findings.error(), log::level::warn);
        co_return start_outcome::unavailable;
    }
    const bool all_ready = take(*findings);
    if (!all_ready && strict()) {
        co_return start_outcome::fatal;
    }
    if (!all_ready) {
        ++retrying_;
        asio::co_spawn(control_, look_again(index), rethrow);
    }
    co_return start_outcome::serving;
}

// Describes what the database rejected until it accepts it: the schema may have changed.
task<void> serving::look_again(std::size_t index) {
    const auto never = [] { return false; };
    auto rejected = quarantined_of(index);
    while (!rejected.empty()) {
        const call_context waiting{.until = deadline::in(between_looks), .stop = stopping_.get_token()};
        co_await wait_until(never, waiting);
        if (stopping_.stop_requested()) {
            break;
        }
        const call_context describing{
            .until = deadline::in(describe_patience), .stop = stopping_.get_token()
        };
        const auto findings =
            co_await describe_queries(*adapters_[index], std::move(rejected), *served_.queries, describing);
        if (findings) {
            take(*findings);
        }
        rejected = quarantined_of(index);
    }
    --retrying_;
}

std::vector<std::size_t> serving::quarantined_of(std::size_t index) const {
    std::vector<std::size_t> found = queries_of(index, *served_.queries);
    std::erase_if(found, [this](std::size_t query) {
        return health_.state(query) != gateway::query_state::quarantined;
    });
    return found;
}

// Why an adapter does not serve; a process that stops knows why.
void serving::report(std::size_t index, const error& why, log::level severity) {
    const std::string& reason = why.detail().for_log();
    if (!stopping_.stop_requested() && failures_[index].is_news(reason, steady_clock::now())) {
        log::write(
            severity, "adapter", why.message(), {{"adapter", adapters_[index]->name()}, {"detail", reason}}
        );
    }
}

// Ends when the adapter serves or the process stops.
task<void> serving::keep_trying(std::size_t index) {
    std::minstd_rand random(std::random_device{}());
    auto delay = first_retry;
    auto outcome = start_outcome::unavailable;
    while (outcome != start_outcome::serving && !stopping_.stop_requested()) {
        const auto jitter = std::uniform_int_distribution<std::int64_t>(0, delay.count() / 2)(random);
        const call_context waiting{
            .until = deadline::in(delay + std::chrono::milliseconds(jitter)), .stop = stopping_.get_token()
        };
        const auto never = [] { return false; };
        co_await wait_until(never, waiting);
        if (!stopping_.stop_requested()) {
            outcome = co_await start_adapter(index);
        }
        delay = std::min(delay * 2, last_retry);
    }
    if (outcome == start_outcome::serving) {
        log::info("adapter", "connected", {{"adapter", adapters_[index]->name()}});
    }
    --retrying_;
}

// Records what serves and what does not. True when every query of the findings serves.
bool serving::take(const std::vector<query_finding>& findings) {
    bool all_ready = true;
    for (const query_finding& finding : findings) {
        const bool rejected_before = health_.state(finding.query) == gateway::query_state::quarantined;
        for (const std::string& warning : finding.warnings) {
            log::warn("query", warning, {{"query", served_.queries->queries()[finding.query].name}});
        }
        if (finding.problem.empty()) {
            health_.set_ready(finding.query);
            if (rejected_before) {
                log::info(
                    "query", "served again", {{"query", served_.queries->queries()[finding.query].name}}
                );
            }
            continue;
        }
        all_ready = false;
        const std::string message = message_of(finding, *served_.queries);
        if (message != health_.reason(finding.query)) {
            log::error("query", message);
        }
        health_.quarantine(finding.query, message);
    }
    return all_ready;
}

void serving::announce() const {
    std::vector<std::string_view> names;
    for (const auto& each : adapters_) {
        names.push_back(each->name());
    }
    const std::size_t queries = served_.queries->queries().size();
    if (chosen_.log.style == log::format::json) {
        std::string listed;
        for (const std::string_view each : names) {
            listed += listed.empty() ? "" : ",";
            append_json_string(listed, each);
        }
        std::string admin;
        if (const auto port = http_->admin_port()) {
            admin = fmt::format(",\"admin_port\":{}", *port);
        }
        fmt::print(
            R"({{"event":"ready","address":"{}","port":{}{},"adapters":[{}],"queries":{}}})"
            "\n",
            http_->address(),
            http_->port(),
            admin,
            listed,
            queries
        );
    } else {
        fmt::print(
            "Hyperterse {} listening on http://{}\n  adapters: {}\n  queries:  {}\n",
            HYPERTERSE_VERSION,
            http_->address(),
            join(names),
            queries
        );
    }
    std::fflush(stdout);
}

// False when calls are still running although they were cancelled.
task<bool> serving::drain() {
    log::info("server", "draining");
    health_.start_draining();
    http_->start_drain();
    const call_context draining{
        .until = deadline::in(served_.model.server.limits.drain_timeout), .stop = cancelling_.get_token()
    };
    const bool ended = co_await sessions_end(draining);
    if (ended) {
        co_return true;
    }
    log::warn(
        "server",
        "cancelling what still runs",
        {{"sessions", static_cast<std::int64_t>(http_->active_sessions())}}
    );
    http_->cancel_all();
    const call_context cancelled{.until = deadline::in(cancel_patience), .stop = {}};
    const bool ended_at_last = co_await sessions_end(cancelled);
    co_return ended_at_last;
}

task<bool> serving::sessions_end(call_context context) {
    const auto none_left = [this] { return http_->active_sessions() == 0; };
    const bool ended = co_await wait_until(none_left, context);
    co_return ended;
}

task<void> serving::close_adapters() {
    const auto none_retrying = [this] { return retrying_ == 0; };
    co_await wait_until(none_retrying, {.until = deadline::in(cancel_patience), .stop = {}});
    const deadline until = deadline::in(close_patience);
    for (const auto& each : adapters_) {
        co_await each->stop(until);
    }
}

void serving::watch_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    signals_.async_wait([this](const boost::system::error_code& failure, int number) {
        if (!failure) {
            on_signal(number);
        }
    });
}

void serving::on_signal(int number) {
    const bool first = stopping_.request_stop();
    if (first) {
        first_signal_.cancel();
    } else {
        cancelling_.request_stop();
    }
    log::info(
        "server",
        first ? "stopping; a second signal cancels what still runs" : "cancelling",
        {{"signal", static_cast<std::int64_t>(number)}}
    );
    watch_signals();
}

} // namespace

result<std::unique_ptr<server>> make_server(bundle served, const settings& chosen) {
    auto made = std::make_unique<serving>(std::move(served), chosen);
    const auto listening = made->listen();
    if (!listening) {
        return listening.error();
    }
    return std::unique_ptr<server>(std::move(made));
}

} // namespace hyperterse::app
