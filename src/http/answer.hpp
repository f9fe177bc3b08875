#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "http/exchange.hpp"
#include "http/refusal.hpp"
#include "http/response.hpp"

#include <span>
#include <string_view>

namespace hyperterse::http {

// Writes the head of the answer into `answering.out`, with answering.fields, and settles keep_alive: not when
// the process drains, nor when some of the request's body is still to come.
void begin_answer(exchange& answering, unsigned status, response_head head);

// Part of an answer, within the write time-out. False: the client is gone or too slow (which is logged), and
// the answer is abandoned. The pieces are used up; they and their bytes outlive the call.
task<bool> transmit(exchange& answering, std::span<asio::const_buffer> pieces);

// Logs why an answer that has begun ends early, and has the connection closed.
void cut_off(exchange& answering, const error& failure);

// A whole answer; HEAD gets its head only.
task<void> send(exchange& answering, unsigned status, std::string_view content_type, std::string_view body);

// Answers with the error's public part; its detail goes to the log. errc::cancelled of a client
// that went away is not answered: the connection closes.
task<void> send_error(exchange& answering, const error& failure);

// 405, naming the methods that the path has.
task<void> refuse_method(exchange& answering, std::string_view allow);

// The connection closes after it: what follows the refused bytes cannot be told.
task<void> send_refusal(exchange& answering, const refusal& why);

} // namespace hyperterse::http
