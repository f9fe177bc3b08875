#include "gateway/gateway.hpp"

#include "gateway/execution.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace hyperterse::gateway {

namespace {

// Which of the compiled statements these inputs ask for.
const statement::statement& select_variant(const query& called, const std::vector<value>& inputs) {
    std::vector<std::size_t> options;
    options.reserve(called.statements.selectors.size());
    for (const statement::selector& each : called.statements.selectors) {
        const value& given = inputs[each.input];
        switch (each.by) {
        case statement::selector::kind::choice:
            options.push_back(static_cast<std::size_t>(std::get<std::int64_t>(given)));
            break;
        case statement::selector::kind::presence:
            options.push_back(is_null(given) ? 0 : 1);
            break;
        }
    }
    return called.statements.select(options);
}

std::vector<value> copy_arguments(const statement::statement& executed, const std::vector<value>& inputs) {
    std::vector<value> arguments;
    arguments.reserve(executed.parameters.size());
    for (const statement::parameter& each : executed.parameters) {
        arguments.push_back(inputs[each.input]);
    }
    return arguments;
}

// Leaves the inputs that are bound empty.
std::vector<value> move_arguments(const statement::statement& executed, std::vector<value>& inputs) {
    std::vector<value> arguments;
    arguments.reserve(executed.parameters.size());
    for (auto each = executed.parameters.begin(); each != executed.parameters.end(); ++each) {
        const bool used_again =
            std::any_of(std::next(each), executed.parameters.end(), [&](const statement::parameter& later) {
                return later.input == each->input;
            });
        if (used_again) {
            arguments.push_back(inputs[each->input]);
        } else {
            arguments.push_back(std::move(inputs[each->input]));
        }
    }
    return arguments;
}

// How a failed call goes on.
enum class recovery : std::uint8_t { none, same_adapter, next_adapter };

struct call_progress {
    bool retried = false; // on the same adapter
    bool has_next_adapter = false;
    bool interrupted = false;
};

// For a read that failed before its first row. errc::unavailable means that the connection died when the
// adapter serves, and that the database is down when it does not; errc::overloaded that it is busy, which
// another try there would make worse.
recovery
after_failure(const error& why, const adapter::adapter_status& of_adapter, const call_progress& so_far) {
    const bool busy = why.code() == errc::overloaded;
    if ((!busy && why.code() != errc::unavailable) || so_far.interrupted) {
        return recovery::none;
    }
    if (!busy && of_adapter.available && !so_far.retried) {
        return recovery::same_adapter;
    }
    return so_far.has_next_adapter ? recovery::next_adapter : recovery::none;
}

task<result<std::unique_ptr<execution>>> run_on(
    adapter::adapter& target,
    const query& called,
    const statement::statement& executed,
    std::vector<value> arguments,
    call_context context
) {
    auto opened = co_await target.execute(executed, called.effect, std::move(arguments), context);
    if (!opened) {
        co_return std::move(opened).error();
    }
    auto started = co_await start_execution(called, *std::move(opened), context);
    co_return std::move(started);
}

task<result<std::unique_ptr<execution>>> read(
    gateway& through,
    const query& called,
    const statement::statement& executed,
    std::vector<value> inputs,
    call_context context
) {
    std::size_t replica = 0;
    call_progress so_far;
    while (true) {
        adapter::adapter& target = *through.adapters[called.adapters[replica]];
        std::vector<value> arguments = copy_arguments(executed, inputs);
        auto started = co_await run_on(target, called, executed, std::move(arguments), context);
        if (started) {
            co_return std::move(started);
        }
        so_far.has_next_adapter = replica + 1 < called.adapters.size();
        so_far.interrupted = context.interrupted();
        switch (after_failure(started.error(), target.status(), so_far)) {
        case recovery::none:
            co_return std::move(started);
        case recovery::same_adapter:
            so_far.retried = true;
            break;
        case recovery::next_adapter:
            ++replica;
            break;
        }
    }
}

} // namespace

task<result<std::unique_ptr<execution>>>
execute(gateway& through, const query& called, std::vector<value> inputs, call_context context) {
    if (through.state.state(called.index) == query_state::quarantined) {
        public_message message{fmt::format("query '{}' is not available", called.name)};
        co_return error{errc::unavailable, std::move(message)};
    }
    context.until = std::min(context.until, deadline::in(called.timeout));
    const statement::statement& executed = select_variant(called, inputs);
    if (called.read_only()) {
        auto started = co_await read(through, called, executed, std::move(inputs), context);
        co_return std::move(started);
    }
    adapter::adapter& primary = *through.adapters[called.adapters.front()];
    std::vector<value> arguments = move_arguments(executed, inputs);
    auto started = co_await run_on(primary, called, executed, std::move(arguments), context);
    co_return std::move(started);
}

} // namespace hyperterse::gateway
