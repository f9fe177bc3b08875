#include "gateway/execution.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hyperterse::gateway {

namespace {

using adapter::cell;
using adapter::cell_kind;
using adapter::row_batch;

constexpr std::string_view mask = "***";

class cursor_execution : public execution {
public:
    cursor_execution(const query& called, std::unique_ptr<adapter::cursor> opened, call_context context) :
        called_(called), cursor_(std::move(opened)), context_(std::move(context)) {
        describe_columns();
    }

    // The first rows, or why there are none. Once, before next().
    task<result<void>> prefetch() {
        auto pulled = co_await cursor_->next(context_);
        if (!pulled) {
            co_return std::move(pulled).error();
        }
        prefetched_ = *pulled;
        co_return result<void>();
    }

    std::span<const output_column> columns() const override { return columns_; }

    task<result<const row_batch*>> next() override {
        if (prefetched_ != nullptr) {
            co_return deliver(*std::exchange(prefetched_, nullptr));
        }
        if (ended()) {
            cursor_.reset();
            co_return &nothing_;
        }
        auto pulled = co_await cursor_->next(context_);
        if (!pulled) {
            co_return std::move(pulled).error();
        }
        co_return deliver(**pulled);
    }

    const summary& done() const override { return summary_; }

private:
    // Names of columns match in any case, as in SQL. The client's names are copied: the cursor may end before
    // the answer does.
    void describe_columns() {
        const std::span<const adapter::column> given = cursor_->columns();
        columns_.reserve(given.size());
        for (const adapter::column& each : given) {
            const auto same = [&each](const output& known) {
                return equals_ignoring_case(known.name, each.name);
            };
            const auto declared = std::ranges::find_if(called_.outputs, same);
            if (declared == called_.outputs.end()) {
                columns_.push_back({.name = each.name});
            } else {
                columns_.push_back({.name = declared->shown_as, .redact = declared->redact});
                redacts_ = redacts_ || declared->redact;
            }
        }
        std::size_t bytes = 0;
        for (const output_column& each : columns_) {
            bytes += each.name.size();
        }
        names_.reserve(bytes);
        for (output_column& each : columns_) {
            const std::size_t start = names_.size();
            names_ += each.name;
            each.name = std::string_view(names_).substr(start);
        }
    }

    bool ended() const { return complete_ || summary_.truncated; }

    const row_batch* deliver(const row_batch& pulled) {
        if (pulled.empty()) {
            return complete();
        }
        const std::size_t room = called_.max_rows - summary_.rows;
        const std::size_t taken = std::min(room, pulled.row_count());
        summary_.rows += taken;
        if (taken < pulled.row_count()) {
            summary_.truncated = true;
            summary_.truncated_by = "max_rows";
        }
        if (taken == 0) {
            cursor_.reset();
            return &nothing_;
        }
        return taken == pulled.row_count() && !redacts_ ? &pulled : reshape(pulled, taken);
    }

    const row_batch* complete() {
        const adapter::completion said = cursor_->done();
        summary_.rows_affected = said.rows_affected;
        summary_.last_insert_id = said.last_insert_id;
        complete_ = true;
        return &nothing_;
    }

    // The first `taken` rows, masked. The cells go on pointing into `pulled`.
    const row_batch* reshape(const row_batch& pulled, std::size_t taken) {
        shaped_.clear(columns_.size());
        for (std::size_t index = 0; index < taken; ++index) {
            const std::span<const cell> row = pulled.row(index);
            for (std::size_t column = 0; column < row.size(); ++column) {
                const bool masked = columns_[column].redact && row[column].kind != cell_kind::null;
                shaped_.push(masked ? cell::of(cell_kind::text, mask) : row[column]);
            }
        }
        return &shaped_;
    }

    const query& called_;
    std::unique_ptr<adapter::cursor> cursor_;
    call_context context_;
    std::string names_; // of all columns, viewed by columns_
    std::vector<output_column> columns_;
    bool redacts_ = false;
    bool complete_ = false;
    const row_batch* prefetched_ = nullptr;
    row_batch shaped_;
    row_batch nothing_;
    summary summary_;
};

} // namespace

task<result<std::unique_ptr<execution>>>
start_execution(const query& called, std::unique_ptr<adapter::cursor> opened, call_context context) {
    auto started = std::make_unique<cursor_execution>(called, std::move(opened), std::move(context));
    auto fetched = co_await started->prefetch();
    if (!fetched) {
        co_return std::move(fetched).error();
    }
    co_return result<std::unique_ptr<execution>>(std::move(started));
}

} // namespace hyperterse::gateway
