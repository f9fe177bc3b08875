#pragma once

#include "base/task.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace hyperterse::app {

// The threads that serve: one event loop each, so that what lives on a worker needs no lock.
class workers {
public:
    explicit workers(std::size_t count);
    ~workers(); // stop()
    workers(const workers&) = delete;
    workers& operator=(const workers&) = delete;

    std::span<asio::io_context* const> contexts() const { return contexts_; }
    // Ends the loops and joins. REQUIRES: nothing that runs on them is waited for any more.
    void stop();

private:
    struct worker;
    std::vector<std::unique_ptr<worker>> workers_;
    std::vector<asio::io_context*> contexts_;
};

} // namespace hyperterse::app
