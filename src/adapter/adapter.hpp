#pragma once

#include "adapter/batch.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/value.hpp"
#include "statement/statement.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What every database looks like to the gateway. All asynchronous functions may be called from any worker and
// resume on the caller's worker. Each ends when its call_context ends: errc::timeout at the deadline,
// errc::cancelled when stop was requested; the statement has then ended in the database too.
namespace hyperterse::adapter {

// What the database says of a statement before it runs.
struct contract {
    struct output {
        std::string name;
        std::string type; // the database's own name; empty when it does not tell
        std::optional<bool> nullable;
    };
    std::vector<output> columns; // empty: the statement returns no rows
    bool read_only = false;      // the engine's own verdict, where it has one
};

// What a statement did besides returning rows.
struct completion {
    std::optional<std::int64_t> rows_affected; // only of a statement without rows
    std::optional<std::int64_t> last_insert_id;
};

// The rows of one execution, pulled. Destroying it early ends a read in the database and gives the connection
// back; a write stays done. Used by one coroutine at a time; the adapter outlives it.
class cursor {
public:
    virtual ~cursor() = default;

    virtual std::span<const column> columns() const = 0;
    // The next rows, valid until the next call; an empty batch is the end. Batches hold some 64 KiB, or one
    // row.
    virtual task<result<const row_batch*>> next(call_context context) = 0;
    // REQUIRES: next() gave the end.
    virtual completion done() const = 0;
};

// How often an adapter did something of its own kind since the start.
struct counter {
    std::string_view name;
    std::uint64_t value;
};

// For /readyz and the metrics; a snapshot.
struct adapter_status {
    bool available = false;
    std::string reason; // why not; for the operator, never for a client
    std::size_t connections_in_use = 0;
    std::size_t connections_idle = 0;
    std::size_t waiting = 0;
    std::vector<counter> counters{};
};

// How a failed start has to be taken.
enum class start_failure : std::uint8_t {
    configuration, // wrong credentials, unknown database, unknown option: trying again cannot help
    unavailable,   // the server is down: try again later
};

struct start_error {
    start_failure kind;
    error why; // its detail is for the operator
};

class adapter {
public:
    virtual ~adapter() = default;

    virtual std::string_view name() const = 0;

    // Opens the first connection and proves that it works. May be called again after it failed as
    // unavailable. Empty: the adapter serves.
    virtual task<std::optional<start_error>> start(call_context context) = 0;

    // Prepares the statement without running it. errc::internal: the database rejects it (detail says why).
    virtual task<result<contract>> describe(const statement::statement& described, call_context context) = 0;

    // `effect` decides where it runs: a read in a session that refuses writes. The statement outlives the
    // cursor; one argument per parameter. errc::overloaded: no connection within the acquire time-out, or a
    // lock that did not become free; errc::unavailable: the database is down, or start() has not succeeded.
    virtual task<result<std::unique_ptr<cursor>>> execute(
        const statement::statement& executed,
        statement::effect effect,
        std::vector<value> arguments,
        call_context context
    ) = 0;

    virtual adapter_status status() const = 0;

    // Closes idle connections and, as they come back, the others. Returns when all are closed or at the
    // deadline. No execute() may start after it.
    virtual task<void> stop(deadline until) = 0;
};

} // namespace hyperterse::adapter
