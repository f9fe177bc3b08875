#include "adapter/pool.hpp"

#include "adapter/interruption.hpp"
#include "base/log.hpp"
#include "base/repeated.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hyperterse::adapter {

namespace {

using worker_timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

// A caller who waits. Its timer ends the wait; only its own worker touches the timer.
struct sleeper {
    worker_timer alarm;
    std::optional<result<slot_id>> answer; // guarded by the pool's mutex

    explicit sleeper(const executor& worker) : alarm(worker) {}
};
using sleeper_ptr = std::shared_ptr<sleeper>;

// Ends a wait, also one that its worker is just about to begin. Any thread.
void wake(const sleeper_ptr& sleeping) {
    asio::post(sleeping->alarm.get_executor(), [sleeping] { sleeping->alarm.cancel(); });
}

task<void> sleep_until(sleeper_ptr sleeping, deadline until) {
    sleeping->alarm.expires_at(until.at);
    co_await sleeping->alarm.async_wait(asio::as_tuple(use_task));
}

task<void> sleep_until_stopped(sleeper_ptr sleeping, deadline until, std::stop_token stop) {
    const auto on_stop = [sleeping] { wake(sleeping); };
    const std::stop_callback wakes(stop, on_stop);
    co_await sleep_until(sleeping, until);
}

double random_fraction() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

error exhausted() {
    return error{errc::overloaded, public_message{"no database connection became free in time"}}.retry_after(
        std::chrono::seconds{1}
    );
}

error stopped() {
    return {errc::unavailable, public_message{"the server is shutting down"}};
}

} // namespace

// The pool behind one mutex. Everything that runs later holds a share of it.
class pool_core : public std::enable_shared_from_this<pool_core> {
public:
    pool_core(std::string_view name, const pool_options& options, std::unique_ptr<connector> opens) :
        name_(name),
        options_(options),
        connector_(std::move(opens)),
        state_(options),
        places_(std::max<std::size_t>(1, options.max_connections)) {}

    void start(const executor& worker);
    task<result<slot_id>> take(call_context context, claim by);
    void release(slot_id slot);
    adapter_status status() const;
    bool is_short_of_connections() const;
    bool drained() const;
    task<void> stop(deadline until);

    // REQUIRES: the slot was given to the caller.
    connection* session(slot_id slot) const { return places_[slot].session.get(); }
    const executor& home(slot_id slot) const { return *places_[slot].home; }

private:
    using guard = std::unique_lock<std::mutex>;
    struct place {
        std::unique_ptr<connection> session;
        std::optional<executor> home;
    };
    struct ticket {
        waiter_id id = 0;
        std::optional<result<slot_id>> answer;
        sleeper_ptr sleeping; // null: there is an answer
    };

    ticket enter(const executor& worker, claim by);
    std::optional<result<slot_id>> leave(const ticket& mine);
    worker_id id_of(const executor& worker);
    result<slot_id> answer_of(const pool_action& action) const;
    void apply(guard held, const pool_actions& actions);
    void arm_timer();
    void on_timer();
    void spawn(const pool_action& action);
    void opened(slot_id slot, result<std::unique_ptr<connection>> made);
    static task<void> run_connect(std::shared_ptr<pool_core> self, slot_id slot);
    static task<void> run_close(std::shared_ptr<pool_core> self, slot_id slot);

    const std::string name_;
    const pool_options options_;
    const std::unique_ptr<connector> connector_;
    std::stop_source stopping_;

    mutable std::mutex mutex_; // guards all below; a session belongs to whom its slot is given
    pool_state state_;
    std::vector<place> places_;
    std::vector<executor> workers_; // by worker_id
    std::map<waiter_id, sleeper_ptr> sleepers_;
    waiter_id last_waiter_ = 0;
    std::optional<error> last_failure_;
    repeated failures_;
    sleeper_ptr stopper_;
    std::optional<worker_timer> timer_; // touched on its worker only
    std::optional<steady_clock::time_point> armed_;
};

void pool_core::start(const executor& worker) {
    guard held(mutex_);
    timer_.emplace(worker);
    const pool_actions actions = state_.start(id_of(worker), steady_clock::now());
    apply(std::move(held), actions);
}

task<result<slot_id>> pool_core::take(call_context context, claim by) {
    const executor worker = co_await asio::this_coro::executor;
    const deadline patience = deadline::in(options_.acquire_timeout);
    if (context.interrupted()) {
        co_return interruption(context);
    }
    ticket mine = enter(worker, by);
    if (mine.sleeping) {
        const deadline until = std::min(patience, context.until);
        co_await sleep_until_stopped(mine.sleeping, until, context.stop);
        mine.answer = leave(mine);
    }
    if (mine.answer) {
        co_return std::move(*mine.answer);
    }
    if (patience.passed() && !context.interrupted()) {
        co_return exhausted();
    }
    co_return interruption(context);
}

void pool_core::release(slot_id slot) {
    const connection_fate fate =
        session(slot)->usable() ? connection_fate::reusable : connection_fate::broken;
    guard held(mutex_);
    const pool_actions actions = state_.release(slot, fate, steady_clock::now());
    apply(std::move(held), actions);
}

adapter_status pool_core::status() const {
    const guard held(mutex_);
    const bool available = state_.available();
    return {
        .available = available,
        .reason = available || !last_failure_ ? std::string() : last_failure_->detail().for_log(),
        .connections_in_use = state_.in_use(),
        .connections_idle = state_.idle(),
        .waiting = state_.waiting(),
    };
}

bool pool_core::is_short_of_connections() const {
    const guard held(mutex_);
    return state_.is_short_of_connections();
}

bool pool_core::drained() const {
    const guard held(mutex_);
    return state_.drained();
}

task<void> pool_core::stop(deadline until) {
    const executor worker = co_await asio::this_coro::executor;
    const auto sleeping = std::make_shared<sleeper>(worker);
    stopping_.request_stop();
    guard held(mutex_);
    stopper_ = sleeping;
    if (timer_) {
        asio::post(timer_->get_executor(), [self = shared_from_this()] { self->timer_->cancel(); });
    }
    const pool_actions actions = state_.stop(steady_clock::now());
    apply(std::move(held), actions);
    co_await sleep_until(sleeping, until);
}

pool_core::ticket pool_core::enter(const executor& worker, claim by) {
    guard held(mutex_);
    ticket mine;
    mine.id = ++last_waiter_;
    const pool_actions actions = state_.acquire(mine.id, id_of(worker), steady_clock::now(), by);
    const auto answered = std::ranges::find(actions, mine.id, &pool_action::waiter);
    if (answered != actions.end()) {
        mine.answer = answer_of(*answered);
    } else {
        mine.sleeping = std::make_shared<sleeper>(worker);
        sleepers_.emplace(mine.id, mine.sleeping);
    }
    apply(std::move(held), actions);
    return mine;
}

std::optional<result<slot_id>> pool_core::leave(const ticket& mine) {
    const guard held(mutex_);
    if (!mine.sleeping->answer) {
        state_.forget(mine.id);
        sleepers_.erase(mine.id);
    }
    return std::move(mine.sleeping->answer);
}

worker_id pool_core::id_of(const executor& worker) {
    const auto known = std::ranges::find(workers_, worker);
    const auto id = static_cast<worker_id>(known - workers_.begin());
    if (known == workers_.end()) {
        workers_.push_back(worker);
    }
    return id;
}

result<slot_id> pool_core::answer_of(const pool_action& action) const {
    if (action.what == pool_action::kind::give) {
        return action.slot;
    }
    if (stopping_.stop_requested()) {
        return stopped();
    }
    const auto wait = std::chrono::ceil<std::chrono::seconds>(state_.retry_at() - steady_clock::now());
    return error{
        errc::unavailable,
        public_message{"the database is unavailable"},
        last_failure_ ? last_failure_->detail() : private_detail{}
    }.retry_after(std::max(wait, std::chrono::seconds{1}));
}

void pool_core::apply(guard held, const pool_actions& actions) {
    boost::container::small_vector<sleeper_ptr, 4> woken;
    for (const pool_action& action : actions) {
        if (const auto asleep = sleepers_.find(action.waiter); asleep != sleepers_.end()) {
            asleep->second->answer = answer_of(action);
            woken.push_back(std::move(asleep->second));
            sleepers_.erase(asleep);
        }
    }
    if (stopper_ && state_.drained()) {
        woken.push_back(std::move(stopper_));
    }
    arm_timer();
    held.unlock();
    for (const sleeper_ptr& each : woken) {
        wake(each);
    }
    for (const pool_action& action : actions) {
        spawn(action);
    }
}

void pool_core::arm_timer() {
    const auto due = state_.next_tick();
    if (!due || !timer_ || (armed_ && *armed_ <= *due)) {
        return;
    }
    armed_ = due;
    const auto set = [self = shared_from_this(), due = *due] {
        const auto on_alarm = [weak = std::weak_ptr(self)](boost::system::error_code aborted) {
            if (const auto core = weak.lock(); core && !aborted) {
                core->on_timer();
            }
        };
        self->timer_->expires_at(due);
        self->timer_->async_wait(on_alarm);
    };
    asio::post(timer_->get_executor(), set);
}

void pool_core::on_timer() {
    guard held(mutex_);
    armed_.reset();
    const pool_actions actions = state_.tick(steady_clock::now());
    apply(std::move(held), actions);
}

void pool_core::spawn(const pool_action& action) {
    switch (action.what) {
    case pool_action::kind::give:
    case pool_action::kind::fail:
        return;
    case pool_action::kind::connect: {
        guard held(mutex_);
        const executor home = workers_[action.worker];
        places_[action.slot].home = home;
        held.unlock();
        asio::co_spawn(home, run_connect(shared_from_this(), action.slot), asio::detached);
        return;
    }
    case pool_action::kind::close:
        asio::co_spawn(home(action.slot), run_close(shared_from_this(), action.slot), asio::detached);
        return;
    }
}

void pool_core::opened(slot_id slot, result<std::unique_ptr<connection>> made) {
    guard held(mutex_);
    const auto now = steady_clock::now();
    if (made) {
        last_failure_.reset();
        failures_.reset();
        places_[slot].session = std::move(*made);
        const pool_actions actions = state_.connected(slot, now);
        apply(std::move(held), actions);
        return;
    }
    last_failure_ = std::move(made).error();
    const std::string& reason = last_failure_->detail().for_log();
    if (!stopping_.stop_requested() && failures_.is_news(reason, now)) {
        log::warn(name_, "cannot connect", {{"reason", reason}});
    }
    const pool_actions actions = state_.connect_failed(slot, random_fraction(), now);
    apply(std::move(held), actions);
}

task<void> pool_core::run_connect(std::shared_ptr<pool_core> self, slot_id slot) {
    const call_context context{deadline::in(self->options_.connect_timeout), self->stopping_.get_token()};
    result<std::unique_ptr<connection>> made = std::unique_ptr<connection>();
    try {
        made = co_await self->connector_->connect(context);
    } catch (const std::exception& thrown) {
        made = error{errc::internal, public_message{"internal error"}, private_detail{thrown.what()}};
    }
    self->opened(slot, std::move(made));
}

task<void> pool_core::run_close(std::shared_ptr<pool_core> self, slot_id slot) {
    std::unique_ptr<connection>& closing = self->places_[slot].session;
    try {
        co_await closing->close();
    } catch (const std::exception& thrown) {
        log::warn(self->name_, "cannot close a connection", {{"reason", thrown.what()}});
    }
    closing.reset();
    guard held(self->mutex_);
    const pool_actions actions = self->state_.closed(slot, steady_clock::now());
    self->apply(std::move(held), actions);
}

lease::lease(std::shared_ptr<pool_core> core, std::size_t slot) :
    core_(std::move(core)), slot_(slot), connection_(core_->session(slot)) {}

lease::lease(lease&& from) noexcept :
    core_(std::move(from.core_)), slot_(from.slot_), connection_(from.connection_) {}

lease& lease::operator=(lease&& from) noexcept {
    if (this != &from) {
        const lease returned(std::move(*this));
        core_ = std::move(from.core_);
        slot_ = from.slot_;
        connection_ = from.connection_;
    }
    return *this;
}

lease::~lease() {
    if (core_) {
        core_->release(slot_);
    }
}

const executor& lease::home() const {
    return core_->home(slot_);
}

pool::pool(std::string_view name, const pool_options& options, std::unique_ptr<connector> opens) :
    core_(std::make_shared<pool_core>(name, options, std::move(opens))) {}

pool::~pool() = default;

void pool::start(const executor& worker) {
    core_->start(worker);
}

task<result<lease>> pool::acquire(call_context context, claim by) {
    while (true) {
        result<slot_id> slot = co_await core_->take(context, by);
        if (!slot) {
            co_return std::move(slot).error();
        }
        lease taken(core_, *slot);
        if (taken.connection_->usable()) {
            co_return std::move(taken);
        }
    }
}

adapter_status pool::status() const {
    return core_->status();
}

bool pool::is_short_of_connections() const {
    return core_->is_short_of_connections();
}

bool pool::drained() const {
    return core_->drained();
}

task<void> pool::stop(deadline until) {
    return core_->stop(until);
}

} // namespace hyperterse::adapter
