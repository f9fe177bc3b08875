#include "app/workers.hpp"

#include <boost/asio/executor_work_guard.hpp>

namespace hyperterse::app {

struct workers::worker {
    asio::io_context context{1};
    asio::executor_work_guard<executor> stays_alive{context.get_executor()};
    std::thread thread{[this] { context.run(); }};
};

workers::workers(std::size_t count) {
    for (std::size_t index = 0; index < count; ++index) {
        workers_.push_back(std::make_unique<worker>());
        contexts_.push_back(&workers_.back()->context);
    }
}

workers::~workers() {
    stop();
}

void workers::stop() {
    for (const auto& each : workers_) {
        each->context.stop();
    }
    for (const auto& each : workers_) {
        if (each->thread.joinable()) {
            each->thread.join();
        }
    }
}

} // namespace hyperterse::app
