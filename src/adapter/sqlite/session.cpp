#include "adapter/sqlite/session.hpp"

#include "adapter/blocking.hpp"
#include "adapter/interruption.hpp"
#include "adapter/sqlite/errors.hpp"
#include "statement/lexer.hpp"

namespace hyperterse::adapter::sqlite {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kept_statements = 256;
constexpr int instructions_between_checks = 1'000;
constexpr milliseconds slice{50};

// VACUUM attaches a database of its own, which no connection may, and would hold up all others.
bool is_vacuum(std::string_view text) {
    const statement::lexed read = statement::lex(text, statement::rules_of(statement::dialect::sqlite));
    return read.is_word(read.tokens.front(), "vacuum");
}

} // namespace

void prepared_statement::refresh() {
    const bool described = !columns.empty() || sqlite3_column_count(handle.get()) == 0;
    const bool changed = sqlite3_stmt_status(handle.get(), SQLITE_STMTSTATUS_REPREPARE, 1) > 0;
    if (described && !changed) {
        return;
    }
    columns.clear();
    rules.clear();
    const int count = sqlite3_column_count(handle.get());
    for (int index = 0; index < count; ++index) {
        columns.push_back({sqlite3_column_name(handle.get(), index)});
        rules.push_back(rule_of(sqlite3_column_decltype(handle.get(), index)));
    }
}

session::session(blocking_threads& threads, database_handle database, const settings& options) :
    threads_(threads),
    watched_{.busy_timeout = options.busy_timeout},
    database_(std::move(database)),
    cells_{.bigint_as_text = options.bigint_as_text} {
    sqlite3_progress_handler(database_.get(), instructions_between_checks, on_progress, this);
    wait_for_locks(database_.get(), watched_);
}

task<void> session::close() {
    const auto close_database = [this] {
        by_text_.clear();
        statements_.clear();
        database_.reset();
    };
    co_await run_blocking(threads_, close_database);
}

session::call::call(session& on, const call_context& context) : session_(on) {
    session_.watched_.context = &context;
    session_.slice_end_ = steady_clock::now() + slice;
    session_.slice_over_ = false;
}

session::call::~call() {
    session_.watched_.context = nullptr;
}

bool session::call::slice_is_over() const {
    return session_.slice_over_;
}

int session::on_progress(void* self) noexcept {
    auto& running = *static_cast<session*>(self);
    if (running.watched_.context == nullptr) {
        return 0;
    }
    const auto now = steady_clock::now();
    running.slice_over_ = now >= running.slice_end_;
    return running.watched_.context->stop.stop_requested() || running.watched_.context->until.passed(now) ? 1
                                                                                                          : 0;
}

result<statement_handle> session::compile(std::string_view text) {
    if (is_vacuum(text)) {
        return refused("VACUUM cannot run as a query; run it with another program while nothing is served");
    }
    const auto compile_part = [this](std::string_view part, const char** tail) {
        sqlite3_stmt* made = nullptr;
        const int code = sqlite3_prepare_v3(
            database_.get(),
            part.data(),
            static_cast<int>(part.size()),
            SQLITE_PREPARE_PERSISTENT,
            &made,
            tail
        );
        statement_handle statement(made);
        return code == SQLITE_OK ? result<statement_handle>(std::move(statement)) : step_failure();
    };
    const char* tail = nullptr;
    result<statement_handle> first = compile_part(text, &tail);
    if (!first) {
        return first;
    }
    if (!*first) {
        return refused("the statement is empty");
    }
    for (std::string_view rest = text.substr(static_cast<std::size_t>(tail - text.data())); !rest.empty();) {
        const result<statement_handle> next = compile_part(rest, &tail);
        if (!next || *next) {
            return refused("there is more than one statement");
        }
        rest.remove_prefix(static_cast<std::size_t>(tail - rest.data()));
    }
    return first;
}

result<prepared_statement*> session::prepare(std::string_view text) {
    if (const auto known = by_text_.find(text); known != by_text_.end()) {
        statements_.splice(statements_.begin(), statements_, known->second);
        return &statements_.front();
    }
    result<statement_handle> compiled = compile(text);
    if (!compiled) {
        return std::move(compiled).error();
    }
    if (statements_.size() >= kept_statements) {
        by_text_.erase(statements_.back().text);
        statements_.pop_back();
    }
    statements_.push_front({std::string(text), std::move(*compiled), {}, {}});
    prepared_statement& added = statements_.front();
    added.refresh();
    by_text_.emplace(added.text, statements_.begin());
    return &added;
}

error session::step_failure() {
    const int code = sqlite3_extended_errcode(database_.get());
    const bool interruptible = (code & 0xFF) == SQLITE_INTERRUPT || (code & 0xFF) == SQLITE_BUSY;
    if (interruptible && watched_.context != nullptr && watched_.context->interrupted()) {
        return interruption(*watched_.context);
    }
    if (breaks_connection(code)) {
        usable_ = false;
    }
    return last_failure(database_.get());
}

int session::reset(prepared_statement& executed) {
    const int code = sqlite3_reset(executed.handle.get());
    sqlite3_clear_bindings(executed.handle.get());
    if (sqlite3_get_autocommit(database_.get()) == 0) {
        usable_ = false;
    }
    return code;
}

} // namespace hyperterse::adapter::sqlite
