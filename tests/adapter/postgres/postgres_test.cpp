#include "adapter/postgres/postgres.hpp"

#include "tests/adapter/conformance.hpp"
#include "tests/adapter/postgres/admin.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace hyperterse::test {
namespace {

using statement::effect;
using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<named_input> one_number{{"n", value_type::integer}};

task<void> store_answer(task<result<answer>> work, std::optional<result<answer>>& to) {
    to.emplace(co_await std::move(work));
}

// An adapter with a schema of its own.
class postgres : public testing::Test {
protected:
    postgres() : test(adapter::postgres_backend) {
        server.run(fmt::format("CREATE SCHEMA {0}; SET search_path = {0}", schema));
    }

    adapter::adapter_options options() const {
        adapter::adapter_options made;
        made.name = "postgres";
        made.connection_string = postgres_connection_string();
        made.driver.push_back({"search_path", schema, {}});
        return made;
    }

    void start(const adapter::adapter_options& with) {
        const auto failed = test.start(with);
        ASSERT_FALSE(failed) << failed->why.detail().for_log();
    }

    std::uint64_t counted(std::string_view name) {
        const auto counters = test.tested().status().counters;
        const auto found = std::ranges::find(counters, name, &adapter::counter::name);
        return found == counters.end() ? 0 : found->value;
    }

    // Begins a read with one number for its only parameter.
    void begin(const statement::statement& read, std::int64_t argument, std::optional<result<answer>>& to) {
        test.begin(
            store_answer(collect(test.tested(), read, effect::read, {value(argument)}, patiently()), to)
        );
    }

    // Until the statement has a place on a shared connection.
    void prove_short(const statement::statement& read, std::int64_t argument) {
        const auto before = counted("shared");
        while (counted("shared") == before) {
            const auto answered = test.query(read, {value(argument)});
            ASSERT_TRUE(answered) << answered.error().detail().for_log();
        }
    }

    static bool all_answered(const std::vector<std::optional<result<answer>>>& answers) {
        return std::ranges::all_of(answers, [](const auto& each) { return each.has_value(); });
    }

    static std::string first(const std::optional<result<answer>>& given) {
        if (!given || !*given) {
            return given ? given->error().detail().for_log() : "no answer";
        }
        return (*given)->rows.at(0).at(0).text;
    }

    const std::string schema = unique_name();
    admin server;
    harness test;
};

TEST_F(postgres, declares_a_type_only_where_the_server_cannot_infer_it) {
    server.run("CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE people (name text, mood mood)");
    server.run("INSERT INTO people VALUES ('a', 'sad'), ('b', 'glad')");
    start(options());
    const auto& read = test.compile(
        "SELECT name FROM people WHERE mood = {{ inputs.m }} AND ({{ inputs.q }} IS NULL OR name = {{ "
        "inputs.q }})",
        {{"m", value_type::string}, {"q", value_type::string}}
    );
    const auto found = test.query(read, {std::string("glad"), value()});
    ASSERT_TRUE(found) << found.error().detail().for_log();
    ASSERT_EQ(found->rows.size(), 1U);
    EXPECT_EQ(found->rows[0][0].text, "b");
}

TEST_F(postgres, describes_types_and_what_cannot_be_null) {
    server.run("CREATE TABLE t (id integer PRIMARY KEY, amount numeric(10,2), tags text[] NOT NULL)");
    start(options());
    const auto plain = test.describe(test.compile("SELECT id, amount, tags, id + 1 AS next FROM t"));
    ASSERT_TRUE(plain) << plain.error().detail().for_log();
    std::vector<std::string> types;
    std::vector<std::optional<bool>> nullable;
    for (const auto& column : plain->columns) {
        types.push_back(column.type);
        nullable.push_back(column.nullable);
    }
    EXPECT_THAT(types, ElementsAre("integer", "numeric(10,2)", "text[]", "integer"));
    EXPECT_THAT(nullable, ElementsAre(false, true, false, std::nullopt));
    const auto joined = test.describe(test.compile("SELECT t.id FROM t AS s LEFT JOIN t ON t.id = s.id + 1"));
    ASSERT_TRUE(joined);
    EXPECT_EQ(joined->columns[0].nullable, std::nullopt);
}

TEST_F(postgres, runs_short_reads_of_one_moment_in_one_batch) {
    start(options());
    const auto& read = test.compile("SELECT {{ inputs.n }}::int AS n", one_number);
    prove_short(read, 0);
    const auto before = counted("batches");
    std::vector<std::optional<result<answer>>> answers(40);
    for (std::size_t index = 0; index < answers.size(); ++index) {
        begin(read, static_cast<std::int64_t>(index), answers[index]);
    }
    ASSERT_TRUE(test.run_until([&] { return all_answered(answers); }));
    for (std::size_t index = 0; index < answers.size(); ++index) {
        EXPECT_EQ(first(answers[index]), std::to_string(index));
    }
    EXPECT_LE(counted("batches") - before, 4U);
}

TEST_F(postgres, sends_again_what_was_skipped_because_a_neighbour_failed) {
    start(options());
    const auto& divide = test.compile("SELECT 100 / {{ inputs.n }}::int AS n", one_number);
    const auto& plain = test.compile("SELECT {{ inputs.n }}::int AS n", one_number);
    prove_short(divide, 1);
    prove_short(plain, 1);
    const auto fails = [](std::size_t index) { return index == 3 || index == 9; };
    std::vector<std::optional<result<answer>>> answers(20);
    for (std::size_t index = 0; index < answers.size(); ++index) {
        begin(fails(index) ? divide : plain, 0, answers[index]);
    }
    ASSERT_TRUE(test.run_until([&] { return all_answered(answers); }));
    for (std::size_t index = 0; index < answers.size(); ++index) {
        if (fails(index)) {
            ASSERT_FALSE(*answers[index]);
            EXPECT_EQ(answers[index]->error().code(), errc::invalid_input);
        } else {
            EXPECT_EQ(first(answers[index]), "0");
        }
    }
    EXPECT_GE(counted("resent"), 10U);
}

TEST_F(postgres, moves_a_read_that_turns_long_out_of_the_way_of_others) {
    start(options());
    const auto& nap =
        test.compile("SELECT pg_sleep({{ inputs.n }}) IS NULL AS n", {{"n", value_type::floating}});
    const auto& short_read = test.compile("SELECT {{ inputs.n }}::int AS n", one_number);
    prove_short(short_read, 0);
    ASSERT_TRUE(test.query(nap, {0.0}));
    std::optional<result<answer>> slept;
    test.begin(store_answer(collect(test.tested(), nap, effect::read, {3600.0}, patiently()), slept));
    std::vector<std::optional<result<answer>>> answers(20);
    for (auto& each : answers) {
        begin(short_read, 5, each);
    }
    ASSERT_TRUE(test.run_until([&] { return all_answered(answers); }));
    for (const auto& each : answers) {
        EXPECT_EQ(first(each), "5");
    }
    EXPECT_EQ(counted("moved"), 1U);
    EXPECT_FALSE(slept);
    server.run(fmt::format("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE "
                           "'%pg_sleep($1)%' AND state = 'active' "
                           "AND pid <> pg_backend_pid()"));
    EXPECT_TRUE(test.run_until([&] { return slept.has_value(); }));
}

TEST_F(postgres, moves_a_read_whose_result_turns_large_and_gives_all_of_it) {
    start(options());
    const auto& series = test.compile("SELECT n FROM generate_series(1, {{ inputs.n }}) AS n", one_number);
    prove_short(series, 1);
    const auto large = test.query(series, {std::int64_t{100'000}});
    ASSERT_TRUE(large) << large.error().detail().for_log();
    EXPECT_EQ(large->rows.size(), 100'000U);
    EXPECT_EQ(counted("moved"), 1U);
}

TEST_F(postgres, ends_a_shared_read_alone_when_its_caller_stops) {
    start(options());
    const auto& nap =
        test.compile("SELECT pg_sleep({{ inputs.n }}) IS NULL AS n", {{"n", value_type::floating}});
    while (counted("shared") == 0) {
        ASSERT_TRUE(test.query(nap, {0.0}));
    }
    std::stop_source stop;
    std::optional<result<answer>> stopped;
    const call_context context{deadline::in(60s), stop.get_token()};
    test.begin(store_answer(collect(test.tested(), nap, effect::read, {3600.0}, context), stopped));
    const auto running = [&] {
        return server.run(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep($1)%' AND state = "
            "'active' AND pid <> pg_backend_pid()"
        );
    };
    ASSERT_TRUE(test.run_until([&] { return running() == "1"; }));
    stop.request_stop();
    ASSERT_TRUE(test.run_until([&] { return stopped.has_value(); }));
    EXPECT_EQ(stopped->error().code(), errc::cancelled);
    EXPECT_TRUE(test.run_until([&] { return running() == "0"; }));
}

TEST_F(postgres, prepares_anew_what_a_changed_table_has_made_stale) {
    server.run("CREATE TABLE t (id integer, v integer); INSERT INTO t VALUES (1, 7)");
    start(options());
    const auto& read = test.compile("SELECT v FROM t WHERE id = {{ inputs.n }}", one_number);
    prove_short(read, 1);
    for (const std::string_view type : {"text", "numeric USING v::numeric", "json USING to_json(v)"}) {
        server.run(fmt::format("ALTER TABLE t ALTER v TYPE {}", type));
        const auto changed = test.query(read, {std::int64_t{1}});
        ASSERT_TRUE(changed) << changed.error().detail().for_log();
        EXPECT_EQ(changed->rows.at(0).at(0).text, "7");
    }
}

TEST_F(postgres, prepares_anew_on_a_new_connection) {
    auto one = options();
    one.pool.max_connections = 1;
    start(one);
    const auto& read = test.compile("SELECT {{ inputs.n }}::int AS n", one_number);
    ASSERT_TRUE(test.query(read, {std::int64_t{1}}));
    for (int count = 0; count < 3; ++count) {
        server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hyperterse'"
        );
        server.run("SELECT pg_sleep(0.05)");
        result<answer> read_again = test.query(read, {std::int64_t{2}});
        if (!read_again) { // the end of the connection came while the statement was under way
            EXPECT_EQ(read_again.error().code(), errc::unavailable);
            read_again = test.query(read, {std::int64_t{2}});
        }
        ASSERT_TRUE(read_again) << read_again.error().detail().for_log();
    }
}

TEST_F(postgres, gives_up_a_session_that_a_read_has_made_writable) {
    server.run("CREATE TABLE t (id integer)");
    server.run("CREATE FUNCTION writes() RETURNS integer LANGUAGE sql AS 'INSERT INTO t VALUES (1); SELECT 1'"
    );
    auto one = options();
    one.pool.max_connections = 1;
    start(one);
    const auto& unlock =
        test.compile("SELECT set_config('default_transaction_read_only', 'off', false) AS x");
    const auto& writes = test.compile("SELECT writes()");
    for (int count = 0; count < 5; ++count) {
        EXPECT_TRUE(test.query(unlock));
        const auto refused = test.query(writes, {}, patiently(), effect::read);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), errc::internal);
    }
    EXPECT_EQ(server.run("SELECT count(*) FROM t"), "0");
}

TEST_F(postgres, rolls_back_a_transaction_that_a_statement_left_open) {
    server.run("CREATE TABLE t (id integer)");
    auto one = options();
    one.pool.max_connections = 1;
    start(one);
    ASSERT_TRUE(test.query(test.compile("BEGIN"), {}, patiently(), effect::write));
    ASSERT_TRUE(test.query(test.compile("INSERT INTO t VALUES (1)")));
    EXPECT_EQ(server.run("SELECT count(*) FROM t"), "1");
}

TEST_F(postgres, reports_what_fails_only_when_a_write_is_committed) {
    server.run(
        "CREATE TABLE parents (id integer PRIMARY KEY); CREATE TABLE children (parent integer REFERENCES "
        "parents DEFERRABLE INITIALLY DEFERRED)"
    );
    start(options());
    const auto& insert =
        test.compile("INSERT INTO children VALUES ({{ inputs.n }}) RETURNING parent", one_number);
    const auto refused = test.query(insert, {std::int64_t{1}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::conflict);
    EXPECT_EQ(server.run("SELECT count(*) FROM children"), "0");
    server.run("INSERT INTO parents VALUES (1)");
    EXPECT_TRUE(test.query(insert, {std::int64_t{1}}));
}

TEST_F(postgres, refuses_a_write_whose_rows_cannot_be_held_until_it_is_complete) {
    server.run("CREATE TABLE t (v text)");
    start(options());
    const auto& insert =
        test.compile("INSERT INTO t SELECT repeat('x', 1000000) FROM generate_series(1, 80) RETURNING v");
    const auto refused = test.query(insert);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::too_large);
    EXPECT_TRUE(test.query("SELECT 1 AS n"));
}

TEST_F(postgres, keeps_no_more_prepared_statements_on_a_connection_than_a_server_bears) {
    auto one = options();
    one.pool.max_connections = 1;
    one.driver.push_back({"pipeline", "off", {}});
    start(one);
    for (int count = 0; count < 1'100; ++count) {
        const auto& read = test.compile(fmt::format("SELECT {} AS n", count));
        const auto answered = test.query(read);
        ASSERT_TRUE(answered) << answered.error().detail().for_log();
    }
    const auto held = test.query("SELECT count(*)::int AS n FROM pg_prepared_statements");
    ASSERT_TRUE(held);
    EXPECT_LE(std::stoi(held->rows.at(0).at(0).text), 1'001);
}

TEST_F(postgres, logs_no_value_that_the_server_quotes) {
    start(options());
    const auto& read = test.compile("SELECT {{ inputs.x }}::int AS n", {{"x", value_type::string}});
    const auto refused = test.query(read, {std::string("a secret")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::invalid_input);
    EXPECT_EQ(refused.error().detail().for_log().find("secret"), std::string::npos);
}

TEST_F(postgres, takes_a_large_argument_while_it_reads) {
    start(options());
    const auto& echo = test.compile("SELECT {{ inputs.x }} AS v", {{"x", value_type::string}});
    const std::string large(8 * 1024 * 1024, 'x');
    const auto answered = test.query(echo, {large});
    ASSERT_TRUE(answered) << answered.error().detail().for_log();
    EXPECT_EQ(answered->rows.at(0).at(0).text, large);
}

TEST_F(postgres, tells_wrong_settings_and_unknown_databases_from_a_server_that_is_down) {
    auto unknown_setting = options();
    unknown_setting.driver.push_back({"no_such_setting", "1", {}});
    auto no_database = options();
    no_database.connection_string += " dbname=no_such_database";
    auto down = options();
    down.connection_string = "host=127.0.0.1 port=1 user=x dbname=x";
    for (const auto& wrong : {unknown_setting, no_database}) {
        const auto failed = test.start(wrong);
        ASSERT_TRUE(failed);
        EXPECT_EQ(failed->kind, adapter::start_failure::configuration) << failed->why.detail().for_log();
    }
    const auto failed = test.start(down);
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->kind, adapter::start_failure::unavailable);
}

} // namespace
} // namespace hyperterse::test
