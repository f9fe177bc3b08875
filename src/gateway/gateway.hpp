#pragma once

#include "adapter/adapter.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "gateway/catalog.hpp"
#include "gateway/health.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The pipeline behind every surface, free of protocols: validated inputs in, rows out.
namespace hyperterse::gateway {

struct output_column {
    std::string_view name; // as the client sees it
    bool redact = false;   // its values are masked
};

// What there is to say after the last row.
struct summary {
    std::size_t rows = 0;
    bool truncated = false;
    std::string_view truncated_by; // "max_rows"; empty when not truncated
    std::optional<std::int64_t> rows_affected;
    std::optional<std::int64_t> last_insert_id;
};

// The rows of one call, pulled batch by batch and cut at the query's max_rows. Destroying it early ends the
// statement in the database. Used by one coroutine at a time, on the worker that made it.
class execution {
public:
    virtual ~execution() = default;
    virtual std::span<const output_column> columns() const = 0;
    // Valid until the next call; an empty batch is the end.
    virtual task<result<const adapter::row_batch*>> next() = 0;
    // REQUIRES: next() gave the end.
    virtual const summary& done() const = 0;
};

// Everything that a call needs, shared by all workers. The owner (app::server) outlives every call.
struct gateway {
    const catalog& queries;
    std::span<const std::unique_ptr<adapter::adapter>> adapters; // by index of the model
    health& state;
};

// Runs `called` with inputs from validate(). The deadline is the earlier of context.until and the query's
// timeout. A read falls back to the next adapter when one is unavailable or busy, and is tried once more when
// its connection died before the first row; a write never. errc::unavailable when the query is quarantined.
task<result<std::unique_ptr<execution>>>
execute(gateway& through, const query& called, std::vector<value> inputs, call_context context);

} // namespace hyperterse::gateway
