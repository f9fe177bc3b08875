#pragma once

#include "adapter/blocking.hpp"
#include "adapter/pool.hpp"
#include "adapter/sqlite/handle.hpp"
#include "adapter/sqlite/open.hpp"
#include "adapter/sqlite/settings.hpp"
#include "adapter/sqlite/values.hpp"
#include "adapter/sqlite/watched_call.hpp"

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hyperterse::adapter::sqlite {

// A statement that a session has prepared, with what its columns are.
struct prepared_statement {
    std::string text;
    statement_handle handle;
    std::vector<column> columns;
    std::vector<column_rule> rules;

    // Reads the columns again when a change of the schema made SQLite prepare the statement anew.
    void refresh();
};

// One connection with its prepared statements. All but close() and usable() blocks and runs on one of the
// adapter's threads, one at a time.
class session final : public connection {
public:
    session(blocking_threads& threads, database_handle database, const settings& options);

    bool usable() const noexcept override { return usable_.load(std::memory_order_relaxed); }
    task<void> close() override;

    // While it lives, the end of the call interrupts what the session runs, waiting for locks included.
    class call {
    public:
        call(session& on, const call_context& context);
        call(const call&) = delete;
        call& operator=(const call&) = delete;
        ~call();

        // Rows have been collected for so long that the client should see them.
        bool slice_is_over() const;

    private:
        session& session_;
    };

    // The statement, kept for the next time; valid until the next call of prepare(). REQUIRES: a call.
    result<prepared_statement*> prepare(std::string_view text);

    // Whether the statement, prepared before, still fits the schema. REQUIRES: a call.
    bool compiles(std::string_view text) { return compile(text).has_value(); }

    // Why the session's last step failed: the end of the call, or what SQLite says.
    error step_failure();

    // Ends an execution: unlocks what it holds and forgets its arguments. An SQLite result code: the one of
    // the last step, or of the commit.
    int reset(prepared_statement& executed);

    sqlite3* handle() const { return database_.get(); }
    const cell_options& cells() const { return cells_; }

private:
    using statement_list = std::list<prepared_statement>;

    static int on_progress(void* self) noexcept;
    result<statement_handle> compile(std::string_view text);

    blocking_threads& threads_;
    watched_call watched_;
    database_handle database_;
    const cell_options cells_;
    std::atomic<bool> usable_ = true;
    steady_clock::time_point slice_end_;
    bool slice_over_ = false;
    statement_list statements_; // the last used one first
    std::unordered_map<std::string_view, statement_list::iterator> by_text_;
};

} // namespace hyperterse::adapter::sqlite
