#pragma once

#include "adapter/pool.hpp"
#include "adapter/postgres/arguments.hpp"
#include "adapter/postgres/connection_string.hpp"
#include "adapter/postgres/handle.hpp"
#include "adapter/postgres/plan.hpp"
#include "base/deadline.hpp"
#include "base/task.hpp"
#include "statement/statement.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hyperterse::adapter::postgres {

// How a session treats the statements that it sends.
struct session_traits {
    bool named = true; // prepares a statement once; otherwise sends its text each time
    // Each batch is a transaction that says itself what it may do, and with which settings: the session is
    // not ours alone (a pooler), or does not report what happens to its settings (before PostgreSQL 14).
    bool transactions = false;
    parameters local_settings; // of each such transaction, for set_config()
};

// How the rows of an execution come.
enum class delivery : std::uint8_t {
    one_by_one, // with replies of their own: as little as possible is held here
    together,   // with reply complete: takes less time for each row
};

// The next thing that the server says.
struct reply {
    enum class kind : std::uint8_t {
        row,      // `content` holds it
        complete, // the statement has ended; `content` describes its columns, holds all rows that did not
                  // come one by one, and tells what the statement did
        failed,   // the statement has ended; `content` is the error
        skipped,  // the statement did not run, because one before it failed
        synced,   // everything before the sync() has ended; `content` is an error of its commit, or null
        lost,     // the connection is broken
    };
    kind what;
    result_handle content;
};

// One connection, always in pipeline mode (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html):
// statements are sent one after the other, and answered in that order. Used by one coroutine at a time, on
// the worker that it is attached to.
class session final : public connection {
public:
    session(connection_handle opened, const executor& worker, session_traits traits);

    // An idle session refuses writes; one that does not, since a statement changed its settings, is unusable.
    bool usable() const noexcept override;
    task<void> close() override;

    // Makes `worker` the one on which the session is used.
    void attach(const executor& worker);

    // Sending waits for nothing; its failure shows as reply lost. A batch is begin(), one or more statements,
    // end(), which sends it all. The replies of begin() are not shown; end() leads to reply synced.
    void begin(statement::effect effect);
    void prepare(const plan& what, const plan::oids& types); // under a name of its own
    void describe(const plan& what);                         // REQUIRES: is_prepared()
    // REQUIRES: is_prepared() or not named
    void execute(const plan& what, const bound_arguments& arguments, delivery how);
    // Its rows come together. Never text of a request.
    void query(const char* text, const std::vector<const char*>& arguments);
    void end();

    // The next reply, if it is there; otherwise wait(). REQUIRES: not is_idle().
    std::optional<reply> poll();
    // Until more has come or wake() is called.
    task<void> wait();
    // Ends the wait() that is going on, if any.
    void wake();

    bool is_idle() const { return expected_.empty(); }
    bool is_lost() const { return lost_; }
    void mark_lost() { lost_ = true; }
    std::string_view driver_text() const; // why it is lost
    // Bytes that have come in so far.
    std::uint64_t received() const { return received_; }

    const session_traits& traits() const { return traits_; }
    bool is_prepared(const plan& what) const;
    // The columns of the last result of the statement; null before the first.
    layout_ptr& columns_of(const plan& what) { return known_[&what].columns; }
    // The statement has to be prepared anew.
    void forget(const plan& what) { known_.erase(&what); }

    // For PQcancel, on any thread. Nothing may be sent until it has returned.
    const std::shared_ptr<PGcancel>& cancel_key() const { return cancel_key_; }
    // For the set-up of a connection.
    PGconn* raw() const { return handle_.get(); }

private:
    enum class expectation : std::uint8_t { aside, statement, statement_by_rows, aside_sync, sync };
    using descriptor = asio::posix::basic_stream_descriptor<executor>;
    struct knowledge {
        std::string name; // of the prepared statement
        layout_ptr columns;
    };

    void expect(expectation what, int sent);
    int send_text(const char* text, const std::vector<const char*>& arguments);
    void aside(const char* text, const std::vector<const char*>& arguments = {});
    void make_room();
    bool refuses_writes() const;
    std::optional<reply> take(result_handle content);
    std::optional<reply> take_sync();
    std::optional<reply> take_failure(result_handle content);
    task<void> wait_for_socket();

    connection_handle handle_;
    std::shared_ptr<PGcancel> cancel_key_;
    session_traits traits_;
    descriptor socket_;
    std::deque<expectation> expected_;
    bool one_by_one_ = false; // rows were asked for so, of the statement that is answered next
    bool writes_ = false;     // the batch that is sent
    bool lost_ = false;
    steady_clock::time_point answered_{};
    std::uint64_t received_ = 0;
    result_handle failure_aside_; // of what has no reply of its own
    std::uint64_t names_ = 0;
    std::unordered_map<const plan*, knowledge> known_;
};

} // namespace hyperterse::adapter::postgres
