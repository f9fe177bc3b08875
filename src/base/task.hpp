#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace hyperterse {

namespace asio = boost::asio;

// The executor of a worker. Concrete, not type-erased: it is copied several times per request.
using executor = asio::io_context::executor_type;

// An asynchronous function. Runs on, and resumes on, the worker that started it. A coroutine is a named
// function, never a capturing lambda.
template <class T>
using task = asio::awaitable<T, executor>;

inline constexpr asio::use_awaitable_t<executor> use_task{};

// A completion handler for co_spawn: an exception that escapes the coroutine escapes from io_context::run().
inline void rethrow(std::exception_ptr failure) {
    if (failure) {
        std::rethrow_exception(failure);
    }
}

} // namespace hyperterse
