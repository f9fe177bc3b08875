#pragma once

#include "base/deadline.hpp"
#include "base/task.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <memory>

namespace hyperterse::adapter::postgres {

using worker_timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;

inline constexpr std::chrono::milliseconds tick_length{10};

// Looked at once a tick, on its worker, as long as it lives or until unlink(). A tick ends no other watched.
class watched
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    watched() = default;
    watched(const watched&) = delete;
    watched& operator=(const watched&) = delete;

    virtual void tick(steady_clock::time_point now) = 0;

protected:
    ~watched() = default;
};

// One timer for all that waits on a worker, instead of one each. It runs while there is something to look at.
// Used on its worker only; may be destroyed elsewhere, once nothing is looked at.
class watch : public std::enable_shared_from_this<watch> {
public:
    explicit watch(const executor& worker) : timer_(worker) {}

    void add(watched& looked_at);

private:
    void arm();
    void on_timer();

    worker_timer timer_;
    bool armed_ = false;
    boost::intrusive::list<watched, boost::intrusive::constant_time_size<false>> all_;
};

} // namespace hyperterse::adapter::postgres
