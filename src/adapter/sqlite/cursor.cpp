#include "adapter/sqlite/cursor.hpp"

#include "adapter/blocking.hpp"
#include "adapter/interruption.hpp"
#include "adapter/sqlite/errors.hpp"
#include "adapter/sqlite/session.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace hyperterse::adapter::sqlite {

namespace {

constexpr std::size_t batch_rows = 256;
constexpr std::size_t batch_bytes = 64 * 1024;
constexpr std::size_t largest_written_result = 64 * 1024 * 1024;

class statement_cursor final : public cursor {
public:
    statement_cursor(blocking_threads& threads, lease connection, execution_request request) :
        threads_(threads),
        lease_(std::move(connection)),
        session_(lease_.as<session>()),
        request_(std::move(request)) {}

    ~statement_cursor() override {
        if (lease_) {
            abandon();
        }
    }

    // On one of the threads.
    std::optional<error> begin(const call_context& context);
    void give_back() { lease_ = lease(); }
    bool ended() const { return ended_; }

    std::span<const column> columns() const override { return columns_; }
    task<result<const row_batch*>> next(call_context context) override;
    completion done() const override { return done_; }

private:
    bool writes() const { return request_.effect == statement::effect::write; }
    std::optional<error> prepare_and_bind();
    std::optional<error> fill(const session::call& call, const call_context& context);
    std::optional<error> proceed(const call_context& context);
    std::optional<error> add_row();
    std::optional<error> finish();
    error fail(error why);
    error step_failure();
    bool batch_is_full(const session::call& call) const;
    void abandon();

    blocking_threads& threads_;
    lease lease_; // until the statement has ended
    session& session_;
    execution_request request_;
    prepared_statement* running_ = nullptr;
    std::vector<column> columns_;
    std::deque<row_batch> batches_; // the first is the one that next() gave last, once it gave one
    std::size_t written_bytes_ = 0; // of the batches before the last
    std::int64_t changes_before_ = 0;
    bool given_ = false;
    bool ended_ = false;
    completion done_;
};

std::optional<error> statement_cursor::begin(const call_context& context) {
    const session::call call(session_, context);
    if (context.interrupted()) {
        return interruption(context);
    }
    if (auto failed = prepare_and_bind()) {
        return fail(std::move(*failed));
    }
    changes_before_ = sqlite3_total_changes64(session_.handle());
    sqlite3_set_last_insert_rowid(session_.handle(), 0);
    batches_.emplace_back().clear(running_->rules.size());
    auto failed = fill(call, context);
    running_->refresh();
    columns_ = running_->columns;
    return failed;
}

std::optional<error> statement_cursor::prepare_and_bind() {
    const auto prepared = session_.prepare(request_.text.text.view());
    if (!prepared) {
        return prepared.error();
    }
    running_ = *prepared;
    sqlite3_stmt* const handle = running_->handle.get();
    if (!writes() && sqlite3_stmt_readonly(handle) == 0) {
        return refused("the statement writes: it needs 'effect: write'");
    }
    const auto expected = static_cast<std::size_t>(sqlite3_bind_parameter_count(handle));
    if (expected != request_.arguments.size() || expected != request_.text.parameters.size()) {
        return refused("the statement has parameters that are not of the query's inputs");
    }
    encode_arrays(request_.arguments, request_.text.parameters);
    const int code = bind_arguments(handle, request_.arguments, request_.text.parameters);
    if (code != SQLITE_OK) {
        return failure(code, sqlite3_errstr(code));
    }
    return std::nullopt;
}

// Steps until the batch of a read is full or the statement has ended.
std::optional<error> statement_cursor::fill(const session::call& call, const call_context& context) {
    while (true) {
        const int code = sqlite3_step(running_->handle.get());
        if (code == SQLITE_DONE) {
            return finish();
        }
        if (code != SQLITE_ROW) {
            return fail(step_failure());
        }
        if (!writes() && context.interrupted()) {
            return fail(interruption(context));
        }
        if (auto failed = add_row()) {
            return fail(std::move(*failed));
        }
        if (!writes() && batch_is_full(call)) {
            return std::nullopt;
        }
    }
}

std::optional<error> statement_cursor::add_row() {
    if (columns_.empty()) {
        running_->refresh();
        columns_ = running_->columns;
        batches_.back().clear(columns_.size());
    }
    if (writes() && batches_.back().byte_count() >= batch_bytes) {
        written_bytes_ += batches_.back().byte_count();
        batches_.emplace_back().clear(columns_.size());
    }
    append_row(running_->handle.get(), running_->rules, session_.cells(), batches_.back());
    if (written_bytes_ + batches_.back().byte_count() > largest_written_result && writes()) {
        sqlite3_interrupt(session_.handle());
        sqlite3_step(running_->handle.get()); // ends with SQLITE_INTERRUPT and undoes the statement
        return error{errc::too_large, public_message{"the rows that the query returns are too large"}};
    }
    return std::nullopt;
}

bool statement_cursor::batch_is_full(const session::call& call) const {
    const row_batch& batch = batches_.back();
    return batch.row_count() >= batch_rows || batch.byte_count() >= batch_bytes || call.slice_is_over();
}

std::optional<error> statement_cursor::finish() {
    sqlite3* const database = session_.handle();
    if (writes()) {
        const bool changed = sqlite3_total_changes64(database) != changes_before_;
        const std::int64_t inserted = sqlite3_last_insert_rowid(database);
        done_.rows_affected = running_->columns.empty()
            ? std::optional<std::int64_t>(changed ? sqlite3_changes64(database) : 0)
            : std::nullopt;
        done_.last_insert_id = inserted != 0 ? std::optional<std::int64_t>(inserted) : std::nullopt;
    }
    ended_ = true;
    session_.reset(*running_);
    return std::nullopt;
}

error statement_cursor::fail(error why) {
    ended_ = true;
    if (running_ != nullptr) {
        session_.reset(*running_);
    }
    return why;
}

// What a statement that can be prepared meets at a step comes from the values that were bound, if any were.
error statement_cursor::step_failure() {
    const int code = sqlite3_extended_errcode(session_.handle());
    const error why = session_.step_failure();
    const bool by_values =
        is_general(code) && !request_.arguments.empty() && session_.compiles(request_.text.text.view());
    return by_values ? refused_value(why.detail()) : why;
}

std::optional<error> statement_cursor::proceed(const call_context& context) {
    const call_context limited{std::min(context.until, request_.limit), context.stop};
    const session::call call(session_, limited);
    batches_.front().clear(columns_.size());
    if (limited.interrupted()) {
        return fail(interruption(limited));
    }
    return fill(call, limited);
}

task<result<const row_batch*>> statement_cursor::next(call_context context) {
    if (given_ && batches_.size() > 1) {
        batches_.pop_front();
    } else if (given_ && ended_) {
        batches_.front().clear(columns_.size());
    } else if (given_) {
        std::optional<error> failed;
        const auto job = [&] { failed = proceed(context); };
        co_await run_blocking(threads_, job);
        if (ended_) {
            give_back();
        }
        if (failed) {
            co_return std::move(*failed);
        }
    }
    given_ = true;
    co_return &batches_.front();
}

// Ends the statement without waiting: the lease and the bound arguments go along.
void statement_cursor::abandon() {
    auto reset = [held = std::move(lease_),
                  bound = std::move(request_.arguments),
                  ended = ended_,
                  running = running_]() mutable {
        if (running != nullptr && !ended) {
            held.as<session>().reset(*running);
        }
        held = lease();
    };
    threads_.post(std::move(reset));
}

} // namespace

task<result<std::unique_ptr<cursor>>> execute_statement(
    blocking_threads& threads, lease connection, execution_request request, call_context context
) {
    auto started = std::make_unique<statement_cursor>(threads, std::move(connection), std::move(request));
    std::optional<error> failed;
    const auto job = [&] { failed = started->begin(context); };
    co_await run_blocking(threads, job);
    if (failed || started->ended()) {
        started->give_back();
    }
    if (failed) {
        co_return std::move(*failed);
    }
    co_return started;
}

} // namespace hyperterse::adapter::sqlite
