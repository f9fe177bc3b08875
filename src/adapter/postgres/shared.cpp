#include "adapter/postgres/shared.hpp"

namespace hyperterse::adapter::postgres {

namespace {

class answered_cursor final : public cursor {
public:
    explicit answered_cursor(shared_call_ptr answered) : call_(std::move(answered)) {}

    std::span<const column> columns() const override { return call_->columns->columns; }
    task<result<const row_batch*>> next(call_context) override {
        co_return std::exchange(given_, true) ? &nothing_ : &call_->rows;
    }
    completion done() const override { return call_->said; }

private:
    const shared_call_ptr call_;
    bool given_ = false;
    const row_batch nothing_;
};

} // namespace

void shared_call::end(state how) {
    now = how;
    done.resume();
}

void shared_call::fail(error why) {
    failure = std::move(why);
    end(state::failed);
}

std::unique_ptr<cursor> answer_of(shared_call_ptr answered) {
    return std::make_unique<answered_cursor>(std::move(answered));
}

} // namespace hyperterse::adapter::postgres
