#pragma once

#include "adapter/adapter.hpp"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hyperterse::http {

// What the scripted database does with every statement.
struct script {
    std::size_t batches = 1;
    std::size_t rows_per_batch = 1;
    std::string text = "x";                   // of the one column, "text", of every row
    bool hangs = false;                       // before the first row, until the call ends
    std::optional<error> refusal{};           // instead of rows
    std::optional<std::size_t> fails_after{}; // batches
    bool throws = false;
    bool available = true;
};

// An adapter that plays a script and counts.
class scripted_adapter final : public adapter::adapter {
public:
    explicit scripted_adapter(script played) : script_(std::move(played)) {}

    std::atomic<int> executed = 0;
    std::atomic<int> cancelled = 0; // calls that saw the wish to stop
    std::atomic<int> open = 0;      // cursors
    std::atomic<std::size_t> batches_pulled = 0;

    std::string_view name() const override { return "scripted"; }
    task<std::optional<hyperterse::adapter::start_error>> start(call_context) override {
        co_return std::nullopt;
    }
    task<result<hyperterse::adapter::contract>> describe(const statement::statement&, call_context) override {
        co_return hyperterse::adapter::contract{};
    }
    task<result<std::unique_ptr<hyperterse::adapter::cursor>>> execute(
        const statement::statement&, statement::effect, std::vector<value>, call_context context
    ) override {
        ++executed;
        if (script_.throws) {
            throw std::runtime_error("driver secret");
        }
        if (script_.hangs) {
            const error ended = co_await wait_for_end(context);
            co_return ended;
        }
        if (script_.refusal) {
            co_return *script_.refusal;
        }
        co_return std::make_unique<cursor>(*this);
    }
    hyperterse::adapter::adapter_status status() const override {
        return {.available = script_.available, .reason = script_.available ? "" : "down for the test"};
    }
    task<void> stop(deadline) override { co_return; }

private:
    class cursor final : public hyperterse::adapter::cursor {
    public:
        explicit cursor(scripted_adapter& owner) : owner_(owner) { ++owner_.open; }
        ~cursor() override { --owner_.open; }

        std::span<const hyperterse::adapter::column> columns() const override { return columns_; }
        task<result<const hyperterse::adapter::row_batch*>> next(call_context context) override {
            const script& played = owner_.script_;
            batch_.clear(1);
            if (context.interrupted()) {
                ++owner_.cancelled;
                co_return error{errc::cancelled, public_message{"cancelled"}};
            }
            if (played.fails_after && given_ == *played.fails_after) {
                co_return error{
                    errc::unavailable, public_message{"The database is gone"}, private_detail{"secret"}
                };
            }
            if (given_ < played.batches) {
                ++given_;
                ++owner_.batches_pulled;
                for (std::size_t row = 0; row < played.rows_per_batch; ++row) {
                    batch_.push(hyperterse::adapter::cell::of(
                        hyperterse::adapter::cell_kind::text, batch_.copy(played.text)
                    ));
                }
            }
            co_return &batch_;
        }
        hyperterse::adapter::completion done() const override { return {}; }

    private:
        scripted_adapter& owner_;
        std::vector<hyperterse::adapter::column> columns_{{"text"}};
        std::size_t given_ = 0;
        hyperterse::adapter::row_batch batch_;
    };

    task<error> wait_for_end(call_context context) {
        using timer = asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;
        timer poll(co_await asio::this_coro::executor);
        constexpr auto as_result = asio::as_tuple(use_task);
        while (!context.interrupted()) {
            poll.expires_after(std::chrono::milliseconds(2));
            co_await poll.async_wait(as_result);
        }
        if (context.stop.stop_requested()) {
            ++cancelled;
            co_return error{errc::cancelled, public_message{"cancelled"}};
        }
        co_return error{errc::timeout, public_message{"The query took too long"}};
    }

    script script_;
};

} // namespace hyperterse::http
