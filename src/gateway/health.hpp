#pragma once

#include <cstddef>
#include <cstdint>
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
// thread.
class health {
public:
    explicit health(std::size_t query_count);

    query_state state(std::size_t query_index) const;
    void set_ready(std::size_t query_index);
    // `reason` is for the operator (readiness details, log), never for a client of the query.
    void quarantine(std::size_t query_index, std::string reason);
    std::string reason(std::size_t query_index) const;

    bool draining() const;
    void start_draining();

private:
    struct entry {
        query_state state = query_state::pending;
        std::string reason;
    };
    mutable std::mutex mutex_;
    std::vector<entry> entries_;
    bool draining_ = false;
};

} // namespace hyperterse::gateway
