#pragma once

#include "base/task.hpp"
#include "gateway/gateway.hpp"
#include "gateway/row_encoder.hpp"
#include "http/exchange.hpp"
#include "http/gzip.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace hyperterse::http {

// Says that the result was cut and by what: a header of a buffered answer, a trailer of a chunked one. For
// formats that cannot say it in the body.
inline constexpr std::string_view truncated_header = "Hyperterse-Truncated";

// An answer that is sent part by part: chunked, or to an HTTP/1.0 client until the connection closes;
// compressed when the client takes it. The head goes out with the first part.
class row_stream {
public:
    row_stream(exchange& answering, gateway::row_format format);
    ~row_stream();

    // Sends and empties answering.content. False: no more is wanted, because the client is gone, too slow, or
    // asked for the head only.
    task<bool> send_part();
    // Whether send_end() has a way to say that the result was cut.
    bool can_tell_truncation() const { return chunked_ || truncation_in_body_; }
    // Sends the rest and the end. REQUIRES: the result is whole or can_tell_truncation().
    task<void> send_end(const gateway::summary& said);

private:
    task<bool> send(gzip_stream::piece which, std::string_view end);
    std::string_view compress(gzip_stream::piece which);

    exchange& answering_;
    bool chunked_;
    bool truncation_in_body_;           // otherwise in a trailer
    std::unique_ptr<gzip_stream> gzip_; // null: not compressed
    std::string compressed_;
};

} // namespace hyperterse::http
