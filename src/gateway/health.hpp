#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hyperterse::gateway {

enum class query_state : std::uint8_t {
    pending, // its adapter was not reached yet
    ready,
    quarantined, // the database rejects its statement
};

// What changes while the catalog does not: the state of each query, and whether the process drains. Any
// thread; reading a state takes no lock.
class health {
public:
    explicit health(std::size_t query_count);

    query_state state(std::size_t query_index) const {
        return states_[query_index].load(std::memory_order_relaxed);
    }
    void set_ready(std::size_t query_index);
    // `reason` is for the operator (readiness details, log), never for a client of the query.
    void quarantine(std::size_t query_index, std::string reason);
    // Why the query is quarantined; empty when it is not.
    std::string reason(std::size_t query_index) const;

    bool draining() const { return draining_.load(std::memory_order_relaxed); }
    void start_draining() { draining_.store(true, std::memory_order_relaxed); }

private:
    void change(std::size_t query_index, query_state state, std::string reason);

    std::unique_ptr<std::atomic<query_state>[]> states_;
    std::atomic<bool> draining_ = false;
    mutable std::mutex mutex_;
    std::vector<std::string> reasons_; // guarded by mutex_
};

} // namespace hyperterse::gateway
