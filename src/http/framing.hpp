#pragma once

#include "http/refusal.hpp"
#include "http/request.hpp"

#include <optional>

namespace hyperterse::http {

// Decides where the body of a request ends, and refuses every head that another server could read
// differently (request smuggling, RFC 9112 6.3 and 11.2). Fills framing, content_length and expects_continue.
// REQUIRES: they are as request::clear() left them.
std::optional<refusal> check_framing(request& read);

} // namespace hyperterse::http
