#pragma once

#include "base/deadline.hpp"
#include "base/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

// What tests of asynchronous code share.
namespace hyperterse::test {

using namespace std::chrono_literals;

// Far beyond what any step of a test takes; only a hanging test meets it.
inline call_context patiently() {
    return {deadline::in(60s), {}};
}

template <class T>
task<void> store(task<T> work, std::optional<T>& to) {
    to.emplace(co_await std::move(work));
}

// Runs `worker` on this thread until `work` is done and returns its result; what it throws comes out.
inline void run(asio::io_context& worker, task<void> work) {
    bool done = false;
    std::exception_ptr thrown;
    asio::co_spawn(worker, std::move(work), [&](std::exception_ptr why) {
        done = true;
        thrown = why;
    });
    worker.restart();
    while (!done) {
        if (worker.run_one() == 0) {
            throw std::logic_error("the task waits for something that cannot happen");
        }
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}
template <class T>
T run(asio::io_context& worker, task<T> work) {
    std::optional<T> outcome;
    run(worker, store(std::move(work), outcome));
    return std::move(*outcome);
}

// A worker with a thread of its own, as the server has.
class worker_thread {
public:
    worker_thread() : thread_([this] { context_.run(); }) {}
    worker_thread(const worker_thread&) = delete;
    worker_thread& operator=(const worker_thread&) = delete;
    ~worker_thread() {
        work_.reset();
        context_.stop();
        thread_.join();
    }

    executor get_executor() { return context_.get_executor(); }

    // Runs `work` on this worker; the future has its result.
    template <class T>
    std::future<T> start(task<T> work) {
        const auto promised = std::make_shared<std::promise<T>>();
        asio::co_spawn(context_, keep(std::move(work), promised), [promised](std::exception_ptr thrown) {
            if (thrown) {
                promised->set_exception(thrown);
            }
        });
        return promised->get_future();
    }

private:
    template <class T>
    static task<void> keep(task<T> work, std::shared_ptr<std::promise<T>> promised) {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
            promised->set_value();
        } else {
            promised->set_value(co_await std::move(work));
        }
    }

    asio::io_context context_{1};
    asio::executor_work_guard<executor> work_{context_.get_executor()};
    std::thread thread_;
};

// A directory of its own, removed with what it holds.
class temporary_directory {
public:
    temporary_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "hyperterse-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("cannot make a temporary directory");
        }
        path_ = pattern;
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(std::string_view name, std::string_view content) const {
        const std::filesystem::path file = path_ / name;
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }

private:
    std::filesystem::path path_;
};

} // namespace hyperterse::test
