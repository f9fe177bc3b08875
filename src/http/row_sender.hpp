#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "gateway/gateway.hpp"
#include "gateway/row_encoder.hpp"
#include "http/exchange.hpp"

namespace hyperterse::http {

// Sends the rows: a small result as one write with Content-Length, a large one batch by batch as it arrives,
// so that memory does not grow with the result and a slow reader slows the database. Fails only while nothing
// was sent; later, the connection closes so that the client cannot take a part for the whole.
task<result<void>> send_rows(exchange& answering, gateway::execution& rows, gateway::row_format format);

} // namespace hyperterse::http
