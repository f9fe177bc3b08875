#include "gateway/health.hpp"

#include <utility>

namespace hyperterse::gateway {

static_assert(query_state{} == query_state::pending);

health::health(std::size_t query_count) :
    states_(std::make_unique<std::atomic<query_state>[]>(query_count)), reasons_(query_count) {}

void health::set_ready(std::size_t query_index) {
    change(query_index, query_state::ready, {});
}

void health::quarantine(std::size_t query_index, std::string reason) {
    change(query_index, query_state::quarantined, std::move(reason));
}

std::string health::reason(std::size_t query_index) const {
    const std::lock_guard lock(mutex_);
    return reasons_[query_index];
}

void health::change(std::size_t query_index, query_state state, std::string reason) {
    const std::lock_guard lock(mutex_);
    reasons_[query_index] = std::move(reason);
    states_[query_index].store(state, std::memory_order_relaxed);
}

} // namespace hyperterse::gateway
