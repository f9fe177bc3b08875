#pragma once

#include "gateway/row_encoder.hpp"
#include "http/request.hpp"

#include <optional>
#include <string_view>

// Content negotiation, RFC 9110 12.
namespace hyperterse::http {

// The format that the Accept headers like best, JSON when they do not care; nullopt: none of ours (406).
std::optional<gateway::row_format> negotiate_format(const request& asked);

// Whether an Accept-Encoding header asks for gzip, and not less than for the plain body.
bool accepts_gzip(const request& asked);

// Whether it is application/json, in UTF-8 when it names a charset.
bool is_json(std::string_view content_type);

std::string_view content_type(gateway::row_format format);

} // namespace hyperterse::http
