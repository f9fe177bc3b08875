#pragma once

#include "adapter/batch.hpp"
#include "gateway/gateway.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace hyperterse::gateway {

enum class row_format : std::uint8_t {
    json,   // {"success":true,"error":"","results":[…]…}\n; of columns with the same name only the last is
            // shown
    ndjson, // one object per line, as in json
    csv,    // RFC 4180 with a header line; NULL is an empty field, an empty string is ""
};

// Writes rows straight from cells to text, appending to the caller's buffer. One per answer. Only json has a
// place for what the summary says.
class row_encoder {
public:
    virtual ~row_encoder() = default;
    virtual void begin(std::string& out) = 0;
    virtual void rows(const adapter::row_batch& batch, std::string& out) = 0;
    virtual void end(const summary& said, std::string& out) = 0;
};

// `columns` (and the names they view) outlive the encoder.
std::unique_ptr<row_encoder> make_row_encoder(row_format format, std::span<const output_column> columns);

} // namespace hyperterse::gateway
