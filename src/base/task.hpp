#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hyperterse {

namespace asio = boost::asio;

// The executor of a worker. Concrete, not type-erased: it is copied several times per request.
using executor = asio::io_context::executor_type;

// An asynchronous function. Runs on, and resumes on, the worker that started it. A coroutine is a named
// function, never a capturing lambda.
template <class T>
using task = asio::awaitable<T, executor>;

inline constexpr asio::use_awaitable_t<executor> use_task{};

} // namespace hyperterse
