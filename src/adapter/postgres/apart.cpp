#include "adapter/postgres/apart.hpp"

#include "adapter/postgres/completion.hpp"
#include "adapter/postgres/conversation.hpp"
#include "adapter/postgres/errors.hpp"
#include "adapter/postgres/prepare.hpp"

#include <deque>
#include <optional>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::size_t batch_bytes = 64 * 1024;
constexpr std::size_t largest_written_result = 64 * 1024 * 1024;

error too_much_written() {
    return {
        errc::too_large,
        public_message{"the statement returns more than can be held until it is complete"},
        private_detail{"a statement that writes returned more than 64 MiB; it may have been carried out"}
    };
}

class apart_cursor final : public cursor, private watched {
public:
    apart_cursor(std::shared_ptr<lane> on, lease taken, apart_call call) :
        adapter_(on->adapter()),
        talk_(std::move(on), std::move(taken)),
        what_(call.what),
        effect_(call.effect),
        arguments_(std::move(call.arguments)) {}

    ~apart_cursor() override {
        if (is_linked()) { // left before its end
            what_.place.was_long(steady_clock::now());
        }
        unlink(); // before the lane may go
    }

    // Sends the statement; returns when its columns are known, of a write when it is complete.
    task<result<void>> begin(const call_context& context);

    std::span<const column> columns() const override { return columns_->columns; }
    task<result<const row_batch*>> next(call_context context) override;
    completion done() const override { return done_; }

private:
    bool writes() const { return effect_ == statement::effect::write; }
    task<result<void>> get_ready(const call_context& context);
    task<result<void>> fill(const call_context& context);
    result<void> take(reply said);
    void take_rows(const PGresult* read);
    void know_columns(const PGresult* said);
    result<void> end(const PGresult* failed_at_commit);
    void judge();
    void tick(steady_clock::time_point now) override;

    common& adapter_;
    conversation talk_;
    plan& what_;
    const statement::effect effect_;
    const bound_arguments arguments_;
    steady_clock::time_point started_{};
    layout_ptr columns_;
    std::deque<row_batch> batches_; // the first is the one that next() gave, once it gave one
    std::size_t bytes_ = 0;         // of all batches so far
    bool given_ = false;
    bool tried_again_ = false;
    std::optional<server_failure> failed_;
    completion done_;
};

task<result<void>> apart_cursor::begin(const call_context& context) {
    while (true) {
        result<void> ready = co_await get_ready(context);
        if (!ready) {
            co_return ready;
        }
        talk_.with().begin(effect_);
        talk_.with().execute(what_, arguments_, delivery::one_by_one);
        talk_.with().end();
        started_ = steady_clock::now();
        if (!writes()) {
            talk_.on().ticker().add(*this);
        }
        result<void> filled = co_await fill(context);
        if (talk_.is_over() || filled) {
            co_return filled;
        }
        talk_.with().forget(what_); // and once more
        failed_.reset();
        unlink();
    }
}

// REQUIRES: the session is idle.
task<result<void>> apart_cursor::get_ready(const call_context& context) {
    const session& on = talk_.with();
    const bool ready = on.traits().named ? on.is_prepared(what_) : what_.is_described();
    if (ready) {
        co_return result<void>();
    }
    const result<result_handle> prepared = co_await prepare(talk_, what_, context);
    if (!prepared) {
        co_return prepared.error();
    }
    co_return result<void>();
}

task<result<const row_batch*>> apart_cursor::next(call_context context) {
    if (std::exchange(given_, false)) {
        batches_.pop_front();
    }
    if (batches_.empty() && !talk_.is_over()) {
        const result<void> filled = co_await fill(context);
        if (!filled) {
            co_return filled.error();
        }
    }
    if (batches_.empty()) {
        batches_.emplace_back();
    }
    given_ = true;
    co_return &batches_.front();
}

// Takes what comes: of a read until there is a batch, of a write everything.
task<result<void>> apart_cursor::fill(const call_context& context) {
    while (!talk_.is_over()) {
        std::optional<reply> said = talk_.poll();
        if (!said && !batches_.empty() && !writes()) {
            break;
        }
        if (!said) {
            result<reply> next = co_await talk_.next(context);
            if (!next) {
                co_return failed_ ? std::move(failed_->why) : std::move(next).error();
            }
            said = *std::move(next);
        }
        const bool ended = said->what == reply::kind::synced;
        result<void> taken = take(*std::move(said));
        if (!taken || ended) {
            co_return taken;
        }
        if (!writes() && !batches_.empty() && batches_.front().byte_count() >= batch_bytes) {
            break;
        }
    }
    co_return result<void>();
}

result<void> apart_cursor::take(reply said) {
    switch (said.what) {
    case reply::kind::row:
        take_rows(said.content.get());
        if (writes() && bytes_ > largest_written_result) {
            talk_.give_up();
            return too_much_written();
        }
        return {};
    case reply::kind::complete:
        know_columns(said.content.get());
        done_ = completion_of(said.content.get());
        return {};
    case reply::kind::failed:
        failed_ = failure(said.content.get(), arguments_.size());
        return {};
    case reply::kind::synced:
        return end(said.content.get());
    case reply::kind::skipped:
    case reply::kind::lost:
        return {};
    }
    return {};
}

void apart_cursor::take_rows(const PGresult* read) {
    know_columns(read);
    if (batches_.empty() || batches_.back().byte_count() >= batch_bytes) {
        batches_.emplace_back().clear(columns_->columns.size());
    }
    row_batch& into = batches_.back();
    const std::size_t before = into.byte_count();
    append_rows(read, *columns_, adapter_.options.values, into);
    bytes_ += into.byte_count() - before;
}

void apart_cursor::know_columns(const PGresult* said) {
    if (columns_) {
        return;
    }
    layout_ptr& known = talk_.with().columns_of(what_);
    if (!known || !fits(*known, said)) {
        known = layout_of(said, adapter_.types);
    }
    columns_ = known;
}

// A plan that is stale is left to begin(), which tries once more.
result<void> apart_cursor::end(const PGresult* failed_at_commit) {
    if (failed_at_commit != nullptr && !failed_) {
        failed_ = failure(failed_at_commit, arguments_.size());
    }
    const bool stale = failed_ && is_stale_plan(failed_->state) && !columns_;
    if (!stale || std::exchange(tried_again_, true)) {
        talk_.finish();
        judge();
    }
    return failed_ ? result<void>(failed_->why) : result<void>();
}

// The statement has ended without having been long.
void apart_cursor::judge() {
    if (is_linked() && bytes_ <= short_result) {
        what_.place.was_short(steady_clock::now());
    } else if (is_linked()) {
        what_.place.was_long(steady_clock::now());
    }
    unlink();
}

void apart_cursor::tick(steady_clock::time_point now) {
    if (now - started_ >= short_duration) {
        what_.place.was_long(now);
        unlink();
    }
}

} // namespace

task<result<std::unique_ptr<cursor>>>
run_apart(std::shared_ptr<lane> on, apart_call call, call_context context) {
    common& adapter = on->adapter();
    result<lease> taken = co_await adapter.connections.acquire(context, call.by);
    if (!taken) {
        co_return std::move(taken).error();
    }
    ++adapter.counted.apart;
    auto running = std::make_unique<apart_cursor>(std::move(on), *std::move(taken), std::move(call));
    const result<void> begun = co_await running->begin(context);
    if (!begun) {
        co_return begun.error();
    }
    co_return result<std::unique_ptr<cursor>>(std::move(running));
}

} // namespace hyperterse::adapter::postgres
