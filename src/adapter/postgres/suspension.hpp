#pragma once

#include "base/task.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <utility>

namespace hyperterse::adapter::postgres {

// Where one coroutine waits until another of the same worker lets it go on.
class suspension {
public:
    // Returns after resume(), at once if that came first.
    task<void> wait() {
        const auto initiate = [this](handler waiting) {
            if (std::exchange(resumed_, false)) {
                asio::post(waiting.get_executor(), std::move(waiting));
            } else {
                waiting_.emplace(std::move(waiting));
            }
        };
        return asio::async_initiate<const asio::use_awaitable_t<executor>, void()>(initiate, use_task);
    }

    void resume() {
        if (!waiting_) {
            resumed_ = true;
            return;
        }
        handler waiting = std::move(*waiting_);
        waiting_.reset();
        asio::post(waiting.get_executor(), std::move(waiting));
    }

private:
    using handler = asio::async_result<asio::use_awaitable_t<executor>, void()>::handler_type;

    std::optional<handler> waiting_;
    bool resumed_ = false;
};

} // namespace hyperterse::adapter::postgres
