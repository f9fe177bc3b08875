#pragma once

#include "base/task.hpp"
#include "http/exchange.hpp"
#include "http/refusal.hpp"

#include <optional>

namespace hyperterse::http {

struct head_outcome {
    bool received = false;            // reading.asked holds a request
    std::optional<refusal> refused{}; // else, when this is empty too, the client is gone or was idle too long
};

// Reads the head of the next request into reading.asked, within the idle time-out for its first byte and the
// header time-out for the rest.
task<head_outcome> read_head(exchange& reading);

// Reads the body of the request into reading.body, within the body time-out, and asks the client for it when
// it waits for that. False: it was refused and that is answered, or the client is gone.
task<bool> receive_body(exchange& reading);

} // namespace hyperterse::http
