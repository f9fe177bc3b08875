#include "adapter/postgres/postgres.hpp"

#include "adapter/pool.hpp"
#include "adapter/postgres/apart.hpp"
#include "adapter/postgres/common.hpp"
#include "adapter/postgres/connect.hpp"
#include "adapter/postgres/conversation.hpp"
#include "adapter/postgres/errors.hpp"
#include "adapter/postgres/lane.hpp"
#include "adapter/postgres/prepare.hpp"
#include "adapter/postgres/settings.hpp"
#include "adapter/postgres/shared.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace hyperterse::adapter {

namespace postgres {
namespace {

class session_connector final : public connector {
public:
    explicit session_connector(const settings& how) : how_(how) {}

    task<result<std::unique_ptr<connection>>> connect(call_context context) override {
        result<std::unique_ptr<session>> opened = co_await open_session(how_, context);
        if (!opened) {
            co_return std::move(opened).error();
        }
        co_return result<std::unique_ptr<connection>>(*std::move(opened));
    }

private:
    const settings& how_;
};

// Of a larger pool some connections are only for short reads, so that these go on while all others are busy
// with what is long: one for each worker, but not more than a quarter of all.
pool_options with_reserve(pool_options options, const settings& read) {
    if (read.pipeline == pipeline_mode::automatic) {
        options.reserved_connections =
            std::min<std::size_t>(options.max_connections / 4, std::thread::hardware_concurrency());
    }
    return options;
}

class postgres_adapter final : public adapter {
public:
    postgres_adapter(const adapter_options& options, settings read) :
        name_(options.name),
        read_only_(options.read_only),
        settings_(std::move(read)),
        pool_(name_, with_reserve(options.pool, settings_), std::make_unique<session_connector>(settings_)),
        common_(settings_, pool_, options.pool.max_connections) {}

    std::string_view name() const override { return name_; }
    task<std::optional<start_error>> start(call_context context) override;
    task<result<contract>> describe(const statement::statement& described, call_context context) override;
    task<result<std::unique_ptr<cursor>>> execute(
        const statement::statement& executed,
        statement::effect effect,
        std::vector<value> arguments,
        call_context context
    ) override;
    adapter_status status() const override;
    task<void> stop(deadline until) override;

private:
    std::shared_ptr<lane> lane_of(const executor& worker);
    void set_reason(std::string why);
    bool may_share(statement::effect effect) const;

    const std::string name_;
    const bool read_only_;
    const settings settings_;
    std::atomic<bool> started_ = false;
    pool pool_;
    common common_;
    mutable std::mutex mutex_; // guards what follows
    std::string reason_ = "not started";
    std::vector<std::shared_ptr<lane>> lanes_;
};

error not_started() {
    return connection_lost("not started");
}

// The first connection shows what is wrong; the pool then opens those that stay.
task<std::optional<start_error>> postgres_adapter::start(call_context context) {
    const executor worker = co_await asio::this_coro::executor;
    if (started_) {
        co_return std::nullopt;
    }
    result<std::unique_ptr<session>> first = co_await open_session(settings_, context);
    if (!first) {
        set_reason(first.error().detail().for_log());
        const bool lasting = first.error().code() == errc::internal;
        co_return start_error{
            lasting ? start_failure::configuration : start_failure::unavailable, std::move(first).error()
        };
    }
    co_await (*first)->close();
    pool_.start(worker);
    started_ = true;
    co_return std::nullopt;
}

task<result<contract>>
postgres_adapter::describe(const statement::statement& described, call_context context) {
    if (!started_) {
        co_return not_started();
    }
    const executor worker = co_await asio::this_coro::executor;
    const std::shared_ptr<lane> here = lane_of(worker);
    result<lease> taken = co_await pool_.acquire(context);
    if (!taken) {
        co_return std::move(taken).error();
    }
    conversation talk(here, *std::move(taken));
    result<contract> said = co_await postgres::describe(talk, here->plan_of(described), context);
    if (said) {
        // The server has no verdict before it runs the statement; then it keeps a read from writing.
        said->read_only = described.apparent_effect == statement::effect::read;
    }
    co_return said;
}

bool postgres_adapter::may_share(statement::effect effect) const {
    return effect == statement::effect::read && settings_.pipeline == pipeline_mode::automatic;
}

task<result<std::unique_ptr<cursor>>> postgres_adapter::execute(
    const statement::statement& executed,
    statement::effect effect,
    std::vector<value> arguments,
    call_context context
) {
    if (!started_) {
        co_return not_started();
    }
    if (read_only_ && effect == statement::effect::write) {
        co_return refused("the adapter is read_only, and the statement writes");
    }
    const executor worker = co_await asio::this_coro::executor;
    const std::shared_ptr<lane> here = lane_of(worker);
    plan& what = here->plan_of(executed);
    result<bound_arguments> bound = bound_arguments::bind(std::move(arguments));
    if (!bound) {
        co_return std::move(bound).error();
    }
    apart_call apart{what, effect, {}};
    if (!may_share(effect) || !here->can_share()) {
        apart.arguments = *std::move(bound);
        auto ran = co_await run_apart(here, std::move(apart), std::move(context));
        co_return std::move(ran);
    }
    const auto call = std::make_shared<shared_call>(what, *std::move(bound), context);
    co_await here->run(call);
    switch (call->now) {
    case shared_call::state::answered:
        co_return answer_of(call);
    case shared_call::state::pending:
    case shared_call::state::failed:
        co_return *std::move(call->failure);
    case shared_call::state::moved:
        break;
    case shared_call::state::probe:
        apart.by = claim::reserved;
        break;
    }
    apart.arguments = std::move(call->arguments);
    auto ran = co_await run_apart(here, std::move(apart), std::move(context));
    co_return std::move(ran);
}

adapter_status postgres_adapter::status() const {
    if (!started_) {
        const std::lock_guard held(mutex_);
        return {.available = false, .reason = reason_};
    }
    adapter_status now = pool_.status();
    now.counters = common_.counted.list();
    return now;
}

task<void> postgres_adapter::stop(deadline until) {
    std::unique_lock held(mutex_);
    const std::vector<std::shared_ptr<lane>> lanes = lanes_;
    held.unlock();
    for (const std::shared_ptr<lane>& each : lanes) {
        asio::post(each->worker(), [each] { each->stop(); });
    }
    co_await pool_.stop(until);
}

void postgres_adapter::set_reason(std::string why) {
    const std::lock_guard held(mutex_);
    reason_ = std::move(why);
}

std::shared_ptr<lane> postgres_adapter::lane_of(const executor& worker) {
    const std::lock_guard held(mutex_);
    for (const std::shared_ptr<lane>& each : lanes_) {
        if (each->worker() == worker) {
            return each;
        }
    }
    return lanes_.emplace_back(std::make_shared<lane>(worker, common_));
}

void check(const adapter_options& options, const location& where, diagnostics& found) {
    read_settings(options, where, found);
}

std::unique_ptr<adapter> make(const adapter_options& options) {
    diagnostics checked_before;
    return std::make_unique<postgres_adapter>(options, read_settings(options, {}, checked_before));
}

} // namespace
} // namespace postgres

const backend postgres_backend{
    .connector = "postgres",
    .dialect = statement::dialect::postgres,
    .check = postgres::check,
    .make = postgres::make,
};

} // namespace hyperterse::adapter
