#include "adapter/pool_state.hpp"

#include <algorithm>
#include <chrono>

namespace hyperterse::adapter {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_backoff{100};
constexpr milliseconds longest_backoff{1'000};

// Doubles per failure; the jitter takes away up to half of it.
steady_clock::duration backoff(unsigned failures, double jitter) {
    constexpr unsigned doublings_to_longest = 4;
    const milliseconds full =
        std::min(longest_backoff, first_backoff * (1U << std::min(failures - 1, doublings_to_longest)));
    const std::chrono::duration<double, std::milli> spread = full * (1.0 - jitter / 2);
    return std::max<steady_clock::duration>(
        first_backoff, std::chrono::duration_cast<steady_clock::duration>(spread)
    );
}

} // namespace

pool_state::pool_state(const pool_options& options) :
    options_(options), slots_(std::max<std::size_t>(1, options.max_connections)) {}

pool_actions pool_state::start(worker_id worker, time_point now) {
    pool_actions actions;
    warm_worker_ = worker;
    settle(now, actions);
    return actions;
}

pool_actions pool_state::acquire(waiter_id waiter, worker_id worker, time_point now, claim by) {
    pool_actions actions;
    waiters_.push_back({waiter, worker, by});
    settle(now, actions);
    return actions;
}

bool pool_state::forget(waiter_id waiter) {
    return std::erase_if(waiters_, [waiter](const auto& each) { return each.id == waiter; }) > 0;
}

pool_actions pool_state::release(slot_id slot, connection_fate fate, time_point now) {
    pool_actions actions;
    pool_state::slot& returned = slots_[slot];
    const bool outlived = options_.max_lifetime.count() > 0 && now - returned.opened >= options_.max_lifetime;
    if (stopped_ || outlived || fate == connection_fate::broken) {
        retire(slot, actions);
    } else {
        returned.now = phase::idle;
        returned.idle_since = now;
        idle_.push_back(slot);
    }
    settle(now, actions);
    return actions;
}

pool_actions pool_state::connected(slot_id slot, time_point now) {
    pool_actions actions;
    failures_ = 0;
    slots_[slot].opened = now;
    slots_[slot].idle_since = now;
    if (stopped_) {
        retire(slot, actions);
    } else {
        slots_[slot].now = phase::idle;
        idle_.push_back(slot);
    }
    settle(now, actions);
    return actions;
}

pool_actions pool_state::connect_failed(slot_id slot, double jitter, time_point now) {
    pool_actions actions;
    slots_[slot].now = phase::vacant;
    if (!backing_off(now)) {
        ++failures_;
        retry_at_ = now + backoff(failures_, jitter);
    }
    settle(now, actions);
    return actions;
}

pool_actions pool_state::closed(slot_id slot, time_point now) {
    pool_actions actions;
    slots_[slot].now = phase::vacant;
    settle(now, actions);
    return actions;
}

pool_actions pool_state::tick(time_point now) {
    pool_actions actions;
    const std::vector<slot_id> candidates = idle_;
    for (const slot_id slot : candidates) {
        const auto due = retirement(slots_[slot]);
        if (due && now >= *due) {
            std::erase(idle_, slot);
            retire(slot, actions);
        }
    }
    settle(now, actions);
    return actions;
}

std::optional<pool_state::time_point> pool_state::next_tick() const {
    std::optional<time_point> earliest;
    const auto consider = [&earliest](std::optional<time_point> due) {
        if (due && (!earliest || *due < *earliest)) {
            earliest = due;
        }
    };
    for (const slot_id slot : idle_) {
        consider(retirement(slots_[slot]));
    }
    if (failures_ > 0 && missing() > 0) {
        consider(retry_at_);
    }
    return earliest;
}

pool_actions pool_state::stop(time_point now) {
    pool_actions actions;
    stopped_ = true;
    for (const slot_id slot : idle_) {
        retire(slot, actions);
    }
    idle_.clear();
    settle(now, actions);
    return actions;
}

std::size_t pool_state::count(phase wanted) const {
    return static_cast<std::size_t>(std::ranges::count(slots_, wanted, &slot::now));
}

// While the database is down one connection is tried again and again, so that its return is noticed.
std::size_t pool_state::warm_target() const {
    return std::max<std::size_t>(options_.min_connections, failures_ > 0 ? 1 : 0);
}

std::optional<pool_state::time_point> pool_state::retirement(const slot& idle) const {
    std::optional<time_point> due;
    if (options_.max_lifetime.count() > 0) {
        due = idle.opened + options_.max_lifetime;
    }
    if (options_.idle_timeout.count() > 0 && alive() > options_.min_connections) {
        const time_point bored = idle.idle_since + options_.idle_timeout;
        due = due ? std::min(*due, bored) : bored;
    }
    return due;
}

slot_id pool_state::take_idle(worker_id preferred) {
    auto found = std::ranges::find(idle_.rbegin(), idle_.rend(), preferred, [this](slot_id each) {
        return slots_[each].worker;
    });
    if (found == idle_.rend()) {
        found = idle_.rbegin();
    }
    const slot_id taken = *found;
    idle_.erase(std::next(found).base());
    return taken;
}

void pool_state::retire(slot_id slot, pool_actions& actions) {
    slots_[slot].now = phase::closing;
    actions.push_back({.what = pool_action::kind::close, .slot = slot, .worker = slots_[slot].worker});
}

void pool_state::serve_waiters(pool_actions& actions) {
    for (auto next = next_waiter(); next != waiters_.end() && !idle_.empty(); next = next_waiter()) {
        const waiter served = *next;
        waiters_.erase(next);
        const slot_id slot = take_idle(served.worker);
        slots_[slot].now = phase::in_use;
        slots_[slot].by = served.by;
        actions.push_back(
            {.what = pool_action::kind::give, .slot = slot, .waiter = served.id, .worker = slots_[slot].worker
            }
        );
    }
}

// How many more connections ordinary claims may use.
std::size_t pool_state::ordinary_room() const {
    const auto used = static_cast<std::size_t>(std::ranges::count_if(slots_, [](const slot& each) {
        return each.now == phase::in_use && each.by == claim::ordinary;
    }));
    const std::size_t most = slots_.size() - options_.reserved_connections;
    return most > used ? most - used : 0;
}

std::deque<pool_state::waiter>::const_iterator pool_state::next_waiter() const {
    const auto reserved = std::ranges::find(waiters_, claim::reserved, &waiter::by);
    if (reserved != waiters_.end()) {
        return reserved;
    }
    return ordinary_room() > 0 ? waiters_.begin() : waiters_.end();
}

bool pool_state::is_short_of_connections() const {
    return next_waiter() != waiters_.end() && count(phase::connecting) == 0;
}

// How many connections have to be opened now, or when the back-off is over.
std::size_t pool_state::missing() const {
    if (stopped_) {
        return 0;
    }
    const std::size_t warm = warm_target();
    const std::size_t cold = warm > alive() ? warm - alive() : 0;
    const std::size_t at_once = failures_ > 0 ? 1 : slots_.size();
    const auto reserved =
        static_cast<std::size_t>(std::ranges::count(waiters_, claim::reserved, &waiter::by));
    const std::size_t served = reserved + std::min(waiters_.size() - reserved, ordinary_room());
    const std::size_t wanted = std::min(at_once, std::max(served, cold));
    const std::size_t connecting = count(phase::connecting);
    return wanted > connecting ? std::min(wanted - connecting, count(phase::vacant)) : 0;
}

void pool_state::open_missing(time_point now, pool_actions& actions) {
    if (backing_off(now)) {
        return;
    }
    const std::size_t opened = missing();
    std::size_t served = count(phase::connecting); // the waiters that earlier connects are for
    for (std::size_t index = 0; index < opened; ++index, ++served) {
        const auto vacant = std::ranges::find(slots_, phase::vacant, &slot::now);
        vacant->now = phase::connecting;
        vacant->worker = served < waiters_.size() ? waiters_[served].worker : warm_worker_;
        actions.push_back(
            {.what = pool_action::kind::connect,
             .slot = static_cast<slot_id>(vacant - slots_.begin()),
             .worker = vacant->worker}
        );
    }
}

void pool_state::fail_waiters(pool_actions& actions) {
    for (const waiter& each : waiters_) {
        actions.push_back({.what = pool_action::kind::fail, .waiter = each.id, .worker = each.worker});
    }
    waiters_.clear();
}

void pool_state::settle(time_point now, pool_actions& actions) {
    if (stopped_) {
        fail_waiters(actions);
        return;
    }
    serve_waiters(actions);
    open_missing(now, actions);
    if (backing_off(now) && alive() == 0 && count(phase::connecting) == 0) {
        fail_waiters(actions);
    }
}

} // namespace hyperterse::adapter
