#include "gateway/gateway.hpp"

#include "sample_model.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperterse::gateway {
namespace {

using adapter::cell;
using adapter::cell_kind;
using adapter::row_batch;
using testing::at;
using ::testing::ElementsAre;
using testing::sample_input;
using testing::sample_model;
using testing::sample_query;

using row = std::vector<cell>;

// What one execution does: it fails at once, or gives batches, then fails or ends.
struct scripted_run {
    std::optional<error> refused{};
    std::vector<std::vector<row>> batches{};
    std::optional<error> broken{}; // after the batches
    adapter::completion completion{};
};

struct scripted_call {
    statement::effect effect;
    std::string statement;
    std::vector<value> arguments;
    deadline until;
};

class scripted_cursor : public adapter::cursor {
public:
    scripted_cursor(std::vector<adapter::column> columns, scripted_run run, std::size_t& open) :
        columns_(std::move(columns)), run_(std::move(run)), open_(open) {
        ++open_;
    }
    ~scripted_cursor() override { --open_; }

    std::span<const adapter::column> columns() const override { return columns_; }

    task<result<const row_batch*>> next(call_context) override {
        batch_.clear(columns_.size());
        if (given_ == run_.batches.size()) {
            if (run_.broken) {
                co_return *run_.broken;
            }
            co_return &batch_;
        }
        for (const row& cells : run_.batches[given_]) {
            for (const cell& each : cells) {
                batch_.push(each);
            }
        }
        ++given_;
        co_return &batch_;
    }

    adapter::completion done() const override { return run_.completion; }

private:
    std::vector<adapter::column> columns_;
    scripted_run run_;
    std::size_t& open_;
    std::size_t given_ = 0;
    row_batch batch_;
};

// Plays one scripted_run per call and remembers the calls. Calls that no run is scripted for fail the test.
class scripted_adapter : public adapter::adapter {
public:
    std::vector<std::string> column_names{"id"};
    std::deque<scripted_run> runs;
    bool available = true;
    std::vector<scripted_call> calls;
    std::size_t open_cursors = 0;

    std::string_view name() const override { return "db"; }

    task<std::optional<::hyperterse::adapter::start_error>> start(call_context) override {
        co_return std::nullopt;
    }

    task<result<::hyperterse::adapter::contract>>
    describe(const statement::statement&, call_context) override {
        co_return ::hyperterse::adapter::contract{};
    }

    task<result<std::unique_ptr<::hyperterse::adapter::cursor>>> execute(
        const statement::statement& executed,
        statement::effect effect,
        std::vector<value> arguments,
        call_context context
    ) override {
        calls.push_back({effect, std::string(executed.text.view()), std::move(arguments), context.until});
        if (runs.empty()) {
            ADD_FAILURE() << "a call that was not expected";
            co_return error{errc::internal, public_message{"not scripted"}};
        }
        scripted_run run = std::move(runs.front());
        runs.pop_front();
        if (run.refused) {
            co_return *run.refused;
        }
        std::vector<::hyperterse::adapter::column> columns;
        for (const std::string& each : column_names) {
            columns.push_back({each});
        }
        std::unique_ptr<::hyperterse::adapter::cursor> opened =
            std::make_unique<scripted_cursor>(std::move(columns), std::move(run), open_cursors);
        co_return std::move(opened);
    }

    ::hyperterse::adapter::adapter_status status() const override {
        ::hyperterse::adapter::adapter_status made{};
        made.available = available;
        return made;
    }
    task<void> stop(deadline) override { co_return; }
};

error failure(errc code) {
    return {code, public_message{"failed"}, private_detail{"driver text"}};
}

row id(std::int64_t number) {
    return {cell::of(number)};
}

constexpr auto gateway_execute = &execute;

template <class T>
task<void> keep(task<T> awaited, std::optional<T>& outcome) {
    T made = co_await std::move(awaited);
    outcome.emplace(std::move(made));
}

// One query behind two scripted adapters.
class gateway_under_test {
public:
    explicit gateway_under_test(const config::query_config& query) {
        diagnostics found;
        constexpr std::array dialects{statement::dialect::sqlite, statement::dialect::sqlite};
        queries_ = compile(sample_model(query), dialects, found);
        EXPECT_NE(queries_, nullptr) << to_text(found);
        for (scripted_adapter*& each : scripted) {
            auto made = std::make_unique<scripted_adapter>();
            each = made.get();
            adapters_.push_back(std::move(made));
        }
    }

    scripted_adapter& primary() { return *scripted[0]; }
    scripted_adapter& replica() { return *scripted[1]; }
    health& state() { return state_; }

    result<std::unique_ptr<execution>>
    execute(std::vector<value> inputs = {}, call_context context = {deadline::never(), {}}) {
        gateway through{*queries_, adapters_, state_};
        return run(
            gateway_execute(through, queries_->queries().front(), std::move(inputs), std::move(context))
        );
    }

    // The values of the first column of every row; the error that ended them, if any, in `ended_by`.
    std::vector<std::string> ids(execution& rows) {
        std::vector<std::string> seen;
        while (true) {
            auto pulled = run(rows.next());
            if (!pulled) {
                ended_by = pulled.error();
                return seen;
            }
            if ((*pulled)->empty()) {
                return seen;
            }
            for (std::size_t index = 0; index < (*pulled)->row_count(); ++index) {
                const cell& first = (*pulled)->row(index).front();
                seen.push_back(
                    first.kind == cell_kind::integer ? std::to_string(first.integer) : std::string(first.text)
                );
            }
        }
    }

    std::optional<error> ended_by;

private:
    template <class T>
    T run(task<T> awaited) {
        std::optional<T> outcome;
        asio::co_spawn(io_, keep(std::move(awaited), outcome), [](std::exception_ptr thrown) {
            EXPECT_EQ(thrown, nullptr);
        });
        io_.restart();
        io_.run();
        return std::move(*outcome);
    }

    asio::io_context io_;
    std::array<scripted_adapter*, 2> scripted{};
    std::vector<std::unique_ptr<adapter::adapter>> adapters_;
    std::unique_ptr<const catalog> queries_;
    health state_{1};
};

config::query_config read_query(std::size_t max_rows = 10) {
    config::query_config query = sample_query("q", "SELECT id FROM t");
    query.max_rows = max_rows;
    return query;
}

config::query_config replicated_query() {
    config::query_config query = read_query();
    query.use.push_back(at(11, std::string("replica")));
    return query;
}

TEST(execute, gives_the_rows_of_all_batches_and_what_the_statement_did) {
    gateway_under_test under_test(read_query());
    under_test.primary().runs.push_back({.batches = {{id(1), id(2)}, {id(3)}}});
    const auto rows = under_test.execute();
    ASSERT_TRUE(rows);
    ASSERT_EQ((*rows)->columns().size(), 1U);
    EXPECT_EQ((*rows)->columns().front().name, "id");
    EXPECT_THAT(under_test.ids(**rows), ElementsAre("1", "2", "3"));
    EXPECT_EQ((*rows)->done().rows, 3U);
    EXPECT_FALSE((*rows)->done().truncated);
    EXPECT_FALSE((*rows)->done().rows_affected);
}

TEST(execute, passes_on_what_a_write_did) {
    config::query_config query = sample_query("q", "INSERT INTO t VALUES (1)");
    gateway_under_test under_test(query);
    under_test.primary().column_names.clear();
    under_test.primary().runs.push_back({.completion = {1, 9}});
    const auto done = under_test.execute();
    ASSERT_TRUE(done);
    EXPECT_TRUE(under_test.ids(**done).empty());
    EXPECT_EQ((*done)->done().rows_affected, 1);
    EXPECT_EQ((*done)->done().last_insert_id, 9);
    EXPECT_EQ(under_test.primary().calls.front().effect, statement::effect::write);
}

struct truncation_case {
    std::string_view name;
    std::size_t max_rows;
    std::vector<std::vector<row>> batches;
    std::size_t rows;
    bool truncated;
};

TEST(execute, cuts_at_max_rows_and_says_so_only_when_there_was_more) {
    const truncation_case cases[] = {
        {"below", 3, {{id(1), id(2)}}, 2, false},
        {"exactly, in one batch", 3, {{id(1), id(2), id(3)}}, 3, false},
        {"exactly, in two batches", 3, {{id(1), id(2)}, {id(3)}}, 3, false},
        {"one more, in the same batch", 3, {{id(1), id(2), id(3), id(4)}}, 3, true},
        {"one more, in a batch of its own", 3, {{id(1), id(2), id(3)}, {id(4)}}, 3, true},
        {"one more, across batches", 3, {{id(1), id(2)}, {id(3), id(4)}}, 3, true},
        {"of one row", 1, {{id(1)}, {id(2)}}, 1, true},
        {"none at all", 1, {}, 0, false},
    };
    for (const auto& [name, max_rows, batches, expected_rows, truncated] : cases) {
        gateway_under_test under_test(read_query(max_rows));
        under_test.primary().runs.push_back({.batches = batches, .completion = {5, {}}});
        const auto rows = under_test.execute();
        ASSERT_TRUE(rows) << name;
        EXPECT_EQ(under_test.ids(**rows).size(), expected_rows) << name;
        EXPECT_EQ((*rows)->done().rows, expected_rows) << name;
        EXPECT_EQ((*rows)->done().truncated, truncated) << name;
        EXPECT_EQ((*rows)->done().truncated_by, truncated ? "max_rows" : "") << name;
        if (truncated) {
            EXPECT_EQ(under_test.primary().open_cursors, 0U) << name;
            EXPECT_FALSE((*rows)->done().rows_affected) << name;
            EXPECT_EQ((*rows)->columns().front().name, "id") << name;
        }
    }
}

TEST(execute, renames_and_masks_declared_columns_in_any_case_but_not_null) {
    for (const std::string_view declared : {"id", "ID", "Id"}) {
        config::query_config query = read_query(3);
        config::data_config ssn{};
        ssn.name = at(30, std::string(declared));
        ssn.map_to = "a_name_that_is_too_long_for_a_small_string";
        ssn.redact = true;
        query.data = {ssn};
        gateway_under_test under_test(query);
        under_test.primary().runs.push_back({.batches = {{id(1), {cell::null()}}, {id(3), id(4)}}});
        const auto rows = under_test.execute();
        ASSERT_TRUE(rows) << declared;
        EXPECT_EQ((*rows)->columns().front().name, "a_name_that_is_too_long_for_a_small_string") << declared;
        EXPECT_TRUE((*rows)->columns().front().redact) << declared;
        EXPECT_THAT(under_test.ids(**rows), ElementsAre("***", "", "***")) << declared;
        EXPECT_TRUE((*rows)->done().truncated) << declared;
    }
}

TEST(execute, binds_inputs_in_the_order_of_the_parameters) {
    for (const std::string_view verb : {"SELECT", "DELETE FROM t WHERE x ="}) {
        config::query_config query =
            sample_query("q", std::string(verb) + " {{ inputs.b }} || {{ inputs.a }} || {{ inputs.b }}");
        query.inputs = {sample_input("a", value_type::string), sample_input("b", value_type::string)};
        gateway_under_test under_test(query);
        under_test.primary().runs.push_back({});
        const std::string long_text(100, 'b');
        ASSERT_TRUE(under_test.execute({value(std::string("a")), value(long_text)}));
        const std::vector<value>& arguments = under_test.primary().calls.front().arguments;
        ASSERT_GE(arguments.size(), 2U);
        EXPECT_EQ(arguments[0], value(long_text));
        EXPECT_EQ(arguments[1], value(std::string("a")));
        EXPECT_EQ(arguments.back(), arguments.size() == 2 ? value(std::string("a")) : value(long_text));
    }
}

TEST(execute, selects_the_statement_by_choice_and_by_presence) {
    config::query_config query = sample_query(
        "q",
        "SELECT id FROM t {{#if inputs.role}} WHERE role = {{ inputs.role }} {{/if}} ORDER BY {{ inputs.sort "
        "}}"
    );
    query.inputs = {sample_input("role", value_type::string), sample_input("sort", value_type::choice)};
    config::literal none{};
    query.inputs[0].default_value = none;
    query.inputs[1].choices = {
        {at(22, std::string("newest")), at(22, std::string("created_at DESC"))},
        {at(23, std::string("name")), at(23, std::string("name ASC"))}
    };
    gateway_under_test under_test(query);
    under_test.primary().runs = {{}, {}};
    ASSERT_TRUE(under_test.execute({value(), value(std::int64_t{1})}));
    ASSERT_TRUE(under_test.execute({value(std::string("admin")), value(std::int64_t{0})}));
    const scripted_call& without_role = under_test.primary().calls[0];
    EXPECT_EQ(without_role.statement.find("WHERE"), std::string::npos) << without_role.statement;
    EXPECT_NE(without_role.statement.find("name ASC"), std::string::npos) << without_role.statement;
    EXPECT_TRUE(without_role.arguments.empty());
    const scripted_call& with_role = under_test.primary().calls[1];
    EXPECT_NE(with_role.statement.find("WHERE"), std::string::npos) << with_role.statement;
    EXPECT_NE(with_role.statement.find("created_at DESC"), std::string::npos) << with_role.statement;
    EXPECT_THAT(with_role.arguments, ElementsAre(value(std::string("admin"))));
}

TEST(execute, passes_on_the_earlier_of_the_two_deadlines) {
    config::query_config query = read_query();
    query.timeout = std::chrono::hours(1);
    gateway_under_test under_test(query);
    under_test.primary().runs = {{}, {}};
    const deadline soon = deadline::in(std::chrono::minutes(1));
    ASSERT_TRUE(under_test.execute({}, {soon, {}}));
    EXPECT_EQ(under_test.primary().calls[0].until, soon);
    ASSERT_TRUE(under_test.execute({}, {deadline::never(), {}}));
    EXPECT_LE(under_test.primary().calls[1].until, deadline::in(std::chrono::hours(1)));
    EXPECT_GT(under_test.primary().calls[1].until, soon);
}

TEST(execute, refuses_a_quarantined_query_without_calling_the_database) {
    gateway_under_test under_test(read_query());
    under_test.state().quarantine(0, "no such table: secrets");
    const auto rows = under_test.execute();
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code(), errc::unavailable);
    EXPECT_EQ(rows.error().message(), "query 'q' is not available");
    EXPECT_TRUE(under_test.primary().calls.empty());
}

TEST(execute, tries_a_read_once_more_when_its_connection_died_before_the_first_row) {
    const scripted_run deaths[] = {
        {.refused = failure(errc::unavailable)}, {.broken = failure(errc::unavailable)}
    };
    for (const scripted_run& death : deaths) {
        gateway_under_test under_test(read_query());
        under_test.primary().runs = {death, {.batches = {{id(1)}}}};
        const auto rows = under_test.execute();
        ASSERT_TRUE(rows);
        EXPECT_THAT(under_test.ids(**rows), ElementsAre("1"));
        EXPECT_EQ(under_test.primary().calls.size(), 2U);
        EXPECT_EQ(under_test.primary().calls[0].until, under_test.primary().calls[1].until);
    }
}

TEST(execute, gives_up_after_the_second_death) {
    gateway_under_test under_test(read_query());
    under_test.primary().runs = {
        {.refused = failure(errc::unavailable)}, {.broken = failure(errc::unavailable)}
    };
    const auto rows = under_test.execute();
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code(), errc::unavailable);
    EXPECT_EQ(rows.error().detail().for_log(), "driver text");
    EXPECT_EQ(under_test.primary().open_cursors, 0U);
}

TEST(execute, binds_the_same_arguments_again_when_it_tries_again) {
    config::query_config query = sample_query("q", "SELECT {{ inputs.a }}");
    query.inputs = {sample_input("a", value_type::string)};
    gateway_under_test under_test(query);
    under_test.primary().runs = {{.refused = failure(errc::unavailable)}, {}};
    ASSERT_TRUE(under_test.execute({value(std::string(100, 'x'))}));
    EXPECT_EQ(under_test.primary().calls[0].arguments, under_test.primary().calls[1].arguments);
    EXPECT_THAT(under_test.primary().calls[1].arguments, ElementsAre(value(std::string(100, 'x'))));
}

TEST(execute, never_tries_a_write_again) {
    const scripted_run deaths[] = {
        {.refused = failure(errc::unavailable)}, {.broken = failure(errc::unavailable)}
    };
    for (const scripted_run& death : deaths) {
        config::query_config query = replicated_query();
        query.statement.value = "DELETE FROM t";
        gateway_under_test under_test(query);
        under_test.primary().runs = {death};
        const auto done = under_test.execute();
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code(), errc::unavailable);
        EXPECT_EQ(under_test.primary().calls.size(), 1U);
        EXPECT_TRUE(under_test.replica().calls.empty());
    }
}

TEST(execute, tries_nothing_again_for_any_other_failure) {
    for (const errc_info& each : errc_table) {
        if (each.code == errc::unavailable || each.code == errc::overloaded) {
            continue;
        }
        gateway_under_test under_test(replicated_query());
        under_test.primary().runs = {{.refused = failure(each.code)}};
        const auto rows = under_test.execute();
        ASSERT_FALSE(rows) << each.name;
        EXPECT_EQ(rows.error().code(), each.code);
        EXPECT_TRUE(under_test.replica().calls.empty()) << each.name;
    }
}

TEST(execute, falls_back_to_the_replica_when_the_primary_is_down) {
    gateway_under_test under_test(replicated_query());
    under_test.primary().available = false;
    under_test.primary().runs = {{.refused = failure(errc::unavailable)}};
    under_test.replica().runs = {{.batches = {{id(7)}}}};
    const auto rows = under_test.execute();
    ASSERT_TRUE(rows);
    EXPECT_THAT(under_test.ids(**rows), ElementsAre("7"));
}

TEST(execute, falls_back_at_once_when_the_primary_is_busy) {
    gateway_under_test under_test(replicated_query());
    under_test.primary().runs = {{.refused = failure(errc::overloaded)}};
    under_test.replica().runs = {{.batches = {{id(7)}}}};
    const auto rows = under_test.execute();
    ASSERT_TRUE(rows);
    EXPECT_THAT(under_test.ids(**rows), ElementsAre("7"));
    EXPECT_EQ(under_test.primary().calls.size(), 1U);
}

TEST(execute, reports_the_database_as_down_when_all_are) {
    gateway_under_test under_test(replicated_query());
    under_test.primary().available = false;
    under_test.replica().available = false;
    under_test.primary().runs = {{.refused = failure(errc::unavailable)}};
    under_test.replica().runs = {{.refused = failure(errc::unavailable)}};
    const auto rows = under_test.execute();
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code(), errc::unavailable);
}

TEST(execute, retries_once_in_all_however_many_adapters_there_are) {
    gateway_under_test under_test(replicated_query());
    under_test.primary().runs = {
        {.refused = failure(errc::unavailable)}, {.refused = failure(errc::unavailable)}
    };
    under_test.replica().runs = {{.refused = failure(errc::unavailable)}};
    ASSERT_FALSE(under_test.execute());
    EXPECT_EQ(under_test.primary().calls.size(), 2U);
    EXPECT_EQ(under_test.replica().calls.size(), 1U);
}

TEST(execute, tries_nothing_again_after_the_deadline_or_a_stop) {
    gateway_under_test late(replicated_query());
    late.primary().runs = {{.refused = failure(errc::unavailable)}};
    EXPECT_FALSE(late.execute({}, {deadline{steady_clock::now()}, {}}));

    std::stop_source stopped;
    stopped.request_stop();
    gateway_under_test gone(replicated_query());
    gone.primary().runs = {{.refused = failure(errc::unavailable)}};
    EXPECT_FALSE(gone.execute({}, {deadline::never(), stopped.get_token()}));
}

TEST(execute, reports_a_failure_after_the_first_rows_and_does_not_start_again) {
    gateway_under_test under_test(replicated_query());
    under_test.primary().runs = {{.batches = {{id(1)}}, .broken = failure(errc::unavailable)}};
    const auto rows = under_test.execute();
    ASSERT_TRUE(rows);
    EXPECT_THAT(under_test.ids(**rows), ElementsAre("1"));
    ASSERT_TRUE(under_test.ended_by);
    EXPECT_EQ(under_test.ended_by->code(), errc::unavailable);
    EXPECT_EQ(under_test.primary().calls.size(), 1U);
}

TEST(execute, ends_the_statement_when_the_execution_is_dropped) {
    gateway_under_test under_test(read_query());
    under_test.primary().runs = {{.batches = {{id(1)}, {id(2)}}}};
    {
        const auto rows = under_test.execute();
        ASSERT_TRUE(rows);
        EXPECT_EQ(under_test.primary().open_cursors, 1U);
    }
    EXPECT_EQ(under_test.primary().open_cursors, 0U);
}

} // namespace
} // namespace hyperterse::gateway
