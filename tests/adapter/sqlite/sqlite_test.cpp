#include "adapter/sqlite/sqlite.hpp"

#include "tests/adapter/conformance.hpp"

#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace hyperterse::test {
namespace {

using adapter::cell_kind;
using adapter::start_failure;
using statement::effect;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr std::string_view schema = "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE);\n";

// Another program with the same database open.
class other_program {
public:
    explicit other_program(const std::filesystem::path& file) {
        EXPECT_EQ(sqlite3_open(file.c_str(), &database_), SQLITE_OK);
    }
    other_program(const other_program&) = delete;
    other_program& operator=(const other_program&) = delete;
    ~other_program() { sqlite3_close(database_); }

    void run(const char* text) {
        EXPECT_EQ(sqlite3_exec(database_, text, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database_);
    }

private:
    sqlite3* database_ = nullptr;
};

class sqlite : public testing::Test {
protected:
    adapter::adapter_options options(std::vector<adapter::driver_option> driver = {}) const {
        adapter::adapter_options made;
        made.name = "test";
        made.connection_string = "sqlite:data.db";
        made.directory = directory.path();
        made.driver = std::move(driver);
        return made;
    }
    adapter::adapter_options with_script(std::string_view script) const {
        directory.write("init.sql", script);
        return options({{"init", "init.sql", {}}});
    }
    std::filesystem::path file() const { return directory.path() / "data.db"; }

    // The detail of a start that has to fail, with the kind of failure.
    std::string start_fails(const adapter::adapter_options& with, start_failure kind) {
        const auto failed = test.start(with);
        EXPECT_TRUE(failed);
        if (!failed) {
            return {};
        }
        EXPECT_EQ(failed->kind, kind);
        EXPECT_EQ(failed->why.message(), "the database is unavailable");
        return failed->why.detail().for_log();
    }
    owned_cell first_cell(std::string_view text) {
        const auto read = test.query(text);
        EXPECT_TRUE(read) << read.error().detail().for_log();
        return read ? read->rows.at(0).at(0) : owned_cell{};
    }

    temporary_directory directory;
    harness test{adapter::sqlite_backend};
};

TEST_F(sqlite, makes_the_database_with_its_script_once) {
    const auto made = with_script(std::string(schema) + "INSERT INTO items VALUES (1, 'one');");
    ASSERT_FALSE(test.start(made));
    ASSERT_TRUE(test.query("INSERT INTO items (name) VALUES ('two')"));
    ASSERT_FALSE(test.start(made));
    EXPECT_EQ(first_cell("SELECT count(*) FROM items").text, "2");
}

TEST_F(sqlite, takes_a_script_with_transactions_as_a_dump_has_them) {
    const auto made = with_script("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a);\n"
                                  "INSERT INTO t VALUES ('semi;colon');\nCOMMIT;\n-- end\n");
    ASSERT_FALSE(test.start(made));
    EXPECT_EQ(first_cell("SELECT a FROM t").text, "semi;colon");
}

TEST_F(sqlite, leaves_no_half_made_database_when_its_script_fails) {
    const auto broken =
        with_script("CREATE TABLE one (a);\nCREATE TABLE two (b);\n\nCREATE TABEL three (c);\n");
    EXPECT_THAT(start_fails(broken, start_failure::configuration), HasSubstr("init.sql:4: near \"TABEL\""));
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        left.push_back(entry.path().filename());
    }
    EXPECT_THAT(left, ElementsAre("init.sql"));
    ASSERT_FALSE(test.start(with_script("CREATE TABLE one (a);")));
    EXPECT_TRUE(test.query("SELECT a FROM one"));
}

TEST_F(sqlite, makes_a_database_completely_when_others_make_it_at_the_same_time) {
    const auto made = with_script(
        std::string(schema) +
        "INSERT INTO items (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 FROM n WHERE i < 50000) SELECT 'name ' || i FROM n;"
    );
    const std::filesystem::path not_ours = directory.write(fmt::format("data.db.init-{}", getpid()), "");
    std::vector<std::jthread> makers;
    for (int maker = 0; maker < 3; ++maker) {
        makers.emplace_back([&made] {
            harness each(adapter::sqlite_backend);
            EXPECT_FALSE(each.start(made));
            EXPECT_EQ(each.query("SELECT count(*) FROM items")->rows.at(0).at(0).text, "50000");
        });
    }
    makers.clear();
    EXPECT_TRUE(std::filesystem::remove(not_ours));
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        left.push_back(entry.path().filename());
    }
    EXPECT_THAT(left, UnorderedElementsAre("data.db", "init.sql"));
}

TEST_F(sqlite, refuses_a_script_that_leaves_a_transaction_open_or_cannot_be_read) {
    const auto open = with_script("BEGIN; CREATE TABLE t (a);");
    EXPECT_THAT(start_fails(open, start_failure::configuration), HasSubstr("leaves a transaction open"));
    for (const std::string& unreadable :
         {std::string("nowhere.sql"), std::string("."), std::string(300, 'n')}) {
        const auto missing = options({{"init", unreadable, {}}});
        EXPECT_THAT(
            start_fails(missing, start_failure::configuration), HasSubstr("cannot read the init script")
        ) << unreadable;
    }
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(sqlite, says_what_is_wrong_with_the_file) {
    EXPECT_THAT(
        start_fails(options(), start_failure::configuration),
        HasSubstr("does not exist; name a script with 'init'")
    );
    auto elsewhere = options();
    elsewhere.connection_string = "sqlite:no/such/data.db";
    EXPECT_THAT(start_fails(elsewhere, start_failure::configuration), HasSubstr("the directory"));
    auto folder = options();
    folder.connection_string = directory.path().string();
    EXPECT_THAT(start_fails(folder, start_failure::configuration), HasSubstr("is a directory"));
    auto endless = options({{"init", "init.sql", {}}});
    endless.connection_string = "sqlite:loop.db";
    std::filesystem::create_symlink("loop.db", directory.path() / "loop.db");
    EXPECT_THAT(start_fails(endless, start_failure::configuration), HasSubstr("cannot look at"));
    endless.connection_string = "sqlite:" + std::string(300, 'n');
    EXPECT_THAT(start_fails(endless, start_failure::configuration), HasSubstr("cannot look at"));
    directory.write("data.db", std::string(8'192, 'x'));
    EXPECT_THAT(start_fails(options(), start_failure::configuration), HasSubstr("file is not a database"));
}

TEST_F(sqlite, says_that_a_damaged_database_is_damaged) {
    ASSERT_FALSE(test.start(with_script(schema)));
    test.stop();
    {
        std::fstream damaged(file(), std::ios::binary | std::ios::in | std::ios::out);
        damaged.seekp(100);
        damaged << std::string(3'000, '\xFF');
    }
    EXPECT_THAT(start_fails(options(), start_failure::configuration), HasSubstr("malformed"));
}

TEST_F(sqlite, serves_a_database_that_must_not_be_written) {
    ASSERT_FALSE(test.start(with_script(std::string(schema) + "INSERT INTO items VALUES (1, 'one');")));
    test.stop();
    auto immutable = options();
    immutable.connection_string = "file:data.db?mode=ro&immutable=1";
    ASSERT_FALSE(test.start(immutable));
    EXPECT_EQ(first_cell("SELECT name FROM items").text, "one");
    const auto refused = test.query("DELETE FROM items");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::internal);
}

TEST_F(sqlite, is_overloaded_while_another_program_holds_the_lock) {
    auto impatient = with_script(schema);
    impatient.driver.push_back({"busy_timeout", "30ms", {}});
    ASSERT_FALSE(test.start(impatient));
    other_program other(file());
    other.run("BEGIN IMMEDIATE");
    const auto busy = test.query("INSERT INTO items (name) VALUES ('x')");
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code(), errc::overloaded);
    EXPECT_EQ(busy.error().retry_after(), 1s);
    EXPECT_TRUE(test.query("SELECT name FROM items")) << "readers do not wait for writers";
    other.run("COMMIT");
    EXPECT_TRUE(test.query("INSERT INTO items (name) VALUES ('x')"));
}

TEST_F(sqlite, ends_the_wait_for_a_lock_with_the_call) {
    auto patient = with_script(schema);
    patient.driver.push_back({"busy_timeout", "10m", {}});
    ASSERT_FALSE(test.start(patient));
    other_program other(file());
    other.run("BEGIN IMMEDIATE");
    const auto& insert = test.compile("INSERT INTO items (name) VALUES ('x')");
    const auto late = test.query(insert, {}, {deadline::in(30ms), {}});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::timeout);
    std::stop_source stop;
    std::jthread stopper([&stop] {
        std::this_thread::sleep_for(10ms);
        stop.request_stop();
    });
    const auto cancelled = test.query(insert, {}, {deadline::in(60s), stop.get_token()});
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code(), errc::cancelled);
    other.run("COMMIT");
    EXPECT_TRUE(test.query(insert));
}

TEST_F(sqlite, ends_the_wait_for_a_lock_when_it_connects_with_the_call) {
    auto patient = with_script(schema);
    patient.driver.push_back({"busy_timeout", "10m", {}});
    patient.driver.push_back({"journal_mode", "delete", {}});
    patient.pool.connect_timeout = 30ms;
    ASSERT_FALSE(test.start(patient));
    other_program other(file());
    other.run("BEGIN EXCLUSIVE");
    const auto refused = test.query("INSERT INTO items (name) VALUES ('x')");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::unavailable);
    const auto late = adapter::sqlite_backend.make(patient);
    const auto failed = run(test.worker(), late->start({deadline::in(30ms), {}}));
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->kind, start_failure::unavailable);
}

TEST_F(sqlite, stops_while_it_connects) {
    auto patient = with_script(schema);
    patient.driver.push_back({"busy_timeout", "10m", {}});
    patient.driver.push_back({"journal_mode", "delete", {}});
    patient.pool.connect_timeout = 10min;
    patient.pool.acquire_timeout = 20ms;
    ASSERT_FALSE(test.start(patient));
    other_program other(file());
    other.run("BEGIN EXCLUSIVE");
    const auto waited = test.query("INSERT INTO items (name) VALUES ('x')");
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().code(), errc::overloaded);
    test.stop();
}

TEST_F(sqlite, limits_a_statement_that_is_read_slowly_by_the_statement_timeout) {
    auto limited = with_script(schema);
    limited.statement_timeout = 200ms;
    ASSERT_FALSE(test.start(limited));
    auto rows = test.execute(
        test.compile("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
    );
    ASSERT_TRUE(rows);
    result<const adapter::row_batch*> batch = nullptr;
    while (batch) {
        batch = run(test.worker(), (*rows)->next(patiently()));
    }
    EXPECT_EQ(batch.error().code(), errc::timeout);
    EXPECT_EQ(test.tested().status().connections_in_use, 0U);
}

TEST_F(sqlite, is_unavailable_when_the_database_is_full_and_serves_on) {
    auto small = with_script(schema);
    small.driver.push_back({"max_page_count", "20", {}});
    ASSERT_FALSE(test.start(small));
    const auto full = test.query(
        "INSERT INTO items (name) SELECT hex(randomblob(500)) || value FROM json_each('[1,2,3,4,5,6,7,8,9]') "
        "UNION ALL SELECT hex(zeroblob(100000))"
    );
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code(), errc::unavailable);
    EXPECT_EQ(full.error().message(), "the database is full");
    EXPECT_EQ(first_cell("SELECT count(*) FROM items").text, "0");
    EXPECT_TRUE(test.query("INSERT INTO items (name) VALUES ('small')"));
}

TEST_F(sqlite, undoes_a_write_whose_rows_are_too_large_to_hold) {
    ASSERT_FALSE(test.start(with_script(schema)));
    const auto& insert = test.compile("INSERT INTO items (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                                      "SELECT i + 1 FROM n WHERE i < 70) "
                                      "SELECT i || hex(zeroblob(500000)) FROM n RETURNING name");
    const auto refused = test.query(insert);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::too_large);
    EXPECT_EQ(first_cell("SELECT count(*) FROM items").text, "0");
}

TEST_F(sqlite, gives_many_rows_of_a_write_in_batches) {
    ASSERT_FALSE(test.start(with_script(schema)));
    const auto written = test.query("INSERT INTO items (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                                    "SELECT i + 1 FROM n WHERE i < 5000) "
                                    "SELECT 'name ' || i FROM n RETURNING id, name");
    ASSERT_TRUE(written) << written.error().detail().for_log();
    ASSERT_EQ(written->rows.size(), 5'000U);
    EXPECT_EQ(written->rows[4'999][1].text, "name 5000");
    EXPECT_EQ(written->done.rows_affected, std::nullopt);
}

TEST_F(sqlite, honours_declared_types) {
    ASSERT_FALSE(test.start(with_script(
        "CREATE TABLE t (b BOOLEAN, j JSON, d DATE, ts DATETIME, n DECIMAL(10, 2), raw BLOB, i INTEGER);"
        "INSERT INTO t VALUES (1, '{\"a\": 1}', '2024-02-29', 1700000000, '12.50', x'00ff27', "
        "9007199254740993);"
        "INSERT INTO t VALUES (2, '{broken', NULL, '2024-02-29 10:00:00', 'abc', '', 1);"
    )));
    const auto read = test.query("SELECT b, j, d, ts, n, raw, i FROM t ORDER BY b");
    ASSERT_TRUE(read);
    EXPECT_THAT(
        read->rows.at(0),
        ElementsAre(
            owned_cell{cell_kind::boolean, "true"},
            owned_cell{cell_kind::json, "{\"a\": 1}"},
            owned_cell{cell_kind::text, "2024-02-29"},
            owned_cell{cell_kind::integer, "1700000000"},
            owned_cell{cell_kind::floating, "12.5"},
            owned_cell{cell_kind::bytes, std::string("\0\xFF'", 3)},
            owned_cell{cell_kind::integer, "9007199254740993"}
        )
    );
    EXPECT_EQ(read->rows.at(1).at(0), (owned_cell{cell_kind::integer, "2"}));
    EXPECT_EQ(read->rows.at(1).at(1), (owned_cell{cell_kind::text, "{broken"}));
    EXPECT_EQ(read->rows.at(1).at(4), (owned_cell{cell_kind::text, "abc"}));
}

TEST_F(sqlite, gives_integers_that_javascript_cannot_hold_as_text_when_asked) {
    auto as_text = with_script("CREATE TABLE t (i INTEGER);");
    as_text.driver.push_back({"bigint", "string", {}});
    ASSERT_FALSE(test.start(as_text));
    EXPECT_EQ(first_cell("SELECT 9007199254740991"), (owned_cell{cell_kind::integer, "9007199254740991"}));
    EXPECT_EQ(first_cell("SELECT 9007199254740992"), (owned_cell{cell_kind::text, "9007199254740992"}));
    EXPECT_EQ(first_cell("SELECT -9007199254740992"), (owned_cell{cell_kind::text, "-9007199254740992"}));
}

TEST_F(sqlite, compares_decimals_with_numbers) {
    ASSERT_FALSE(test.start(with_script("CREATE TABLE t (n NUMERIC); INSERT INTO t VALUES (12.5), (3), ('x');"
    )));
    const auto& find = test.compile("SELECT n FROM t WHERE n = {{ inputs.x }}", {{"x", value_type::decimal}});
    for (const auto& [decimal, found] :
         {std::pair{"12.50", 1U}, std::pair{"3.0", 1U}, std::pair{"12.51", 0U}}) {
        EXPECT_EQ(test.query(find, {std::string(decimal)})->rows.size(), found) << decimal;
    }
}

TEST_F(sqlite, binds_floats_of_arrays_as_reals) {
    ASSERT_FALSE(test.start(with_script(schema)));
    const auto& halve = test.compile(
        "SELECT value / 2 FROM json_each({{ inputs.xs }})", {{"xs", value_type::floating, true}}
    );
    const auto halves = test.query(halve, {scalar_array{5.0, 0.5}});
    ASSERT_TRUE(halves) << halves.error().detail().for_log();
    EXPECT_EQ(halves->rows.at(0).at(0), (owned_cell{cell_kind::floating, "2.5"}));
    EXPECT_EQ(halves->rows.at(1).at(0), (owned_cell{cell_kind::floating, "0.25"}));
}

TEST_F(sqlite, refuses_values_that_a_function_does_not_take) {
    ASSERT_FALSE(test.start(with_script(schema)));
    const auto& parse = test.compile("SELECT json({{ inputs.text }})", {{"text", value_type::string}});
    ASSERT_TRUE(test.query(parse, {std::string("{}")}));
    const auto refused = test.query(parse, {std::string("{")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::invalid_input);
    EXPECT_EQ(refused.error().message(), "the database does not accept a value");
    EXPECT_THAT(refused.error().detail().for_log(), HasSubstr("malformed JSON"));
    EXPECT_EQ(test.query("SELECT json('{')").error().code(), errc::internal);
}

TEST_F(sqlite, does_not_blame_values_for_a_schema_that_changed) {
    ASSERT_FALSE(test.start(with_script(schema)));
    const auto& insert =
        test.compile("INSERT INTO items (name) VALUES ({{ inputs.name }})", {{"name", value_type::string}});
    ASSERT_TRUE(test.query(insert, {std::string("one")}));
    other_program(file()).run("ALTER TABLE items RENAME COLUMN name TO title");
    EXPECT_EQ(test.query(insert, {std::string("two")}).error().code(), errc::internal);
}

TEST_F(sqlite, limits_the_size_of_a_value) {
    auto small = with_script(schema);
    ASSERT_FALSE(test.start(small));
    EXPECT_TRUE(test.query("SELECT length(zeroblob(67108000))"));
    EXPECT_EQ(test.query("SELECT hex(zeroblob(33554433))").error().code(), errc::invalid_input);
    small.driver.push_back({"max_value_size", "1KiB", {}});
    ASSERT_FALSE(test.start(small));
    EXPECT_TRUE(test.query("SELECT hex(randomblob(500))"));
    EXPECT_EQ(test.query("SELECT hex(randomblob(513))").error().code(), errc::invalid_input);
}

TEST_F(sqlite, gives_no_row_that_comes_after_the_end_of_the_call) {
    ASSERT_FALSE(test.start(with_script(schema)));
    const auto& slow_step = test.compile(
        "SELECT length(replace(hex(zeroblob(15000000)), '00', 'ab')), {{ inputs.x }}",
        {{"x", value_type::integer}}
    );
    const auto late = test.query(slow_step, {std::int64_t{1}}, {deadline::in(1ms), {}});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::timeout);
}

TEST_F(sqlite, refuses_to_vacuum_when_the_statement_is_described) {
    ASSERT_FALSE(test.start(with_script(schema)));
    for (const std::string_view text : {"VACUUM", "-- all\nvacuum main", "/* */ Vacuum INTO 'copy.db'"}) {
        const auto refused = test.describe(test.compile(text));
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code(), errc::internal) << text;
        EXPECT_THAT(refused.error().detail().for_log(), HasSubstr("VACUUM cannot run")) << text;
    }
}

TEST_F(sqlite, enforces_foreign_keys_and_checks) {
    ASSERT_FALSE(test.start(with_script(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p, n CHECK (n > 0));"
        "CREATE TABLE s (i INTEGER) STRICT;"
    )));
    EXPECT_EQ(test.query("INSERT INTO c (p) VALUES (1)").error().code(), errc::conflict);
    EXPECT_EQ(test.query("INSERT INTO c (n) VALUES (0)").error().code(), errc::conflict);
    EXPECT_EQ(test.query("INSERT INTO s (i) VALUES ('x')").error().code(), errc::invalid_input);
}

TEST_F(sqlite, reaches_attached_databases_and_no_others) {
    directory.write("other.sql", "CREATE TABLE t (a); INSERT INTO t VALUES (7);");
    auto first = options({{"init", "other.sql", {}}});
    first.connection_string = "sqlite:other.db";
    ASSERT_FALSE(test.start(first));
    auto attached = with_script(schema);
    attached.driver.push_back({"attach", "extra=other.db", {}});
    ASSERT_FALSE(test.start(attached));
    EXPECT_EQ(first_cell("SELECT a FROM extra.t").text, "7");
    EXPECT_TRUE(test.query("INSERT INTO extra.t VALUES (8)"));
    for (const std::string_view attempt : {"ATTACH 'third.db' AS third", "DETACH extra"}) {
        const auto refused = test.query(test.compile(attempt), {}, patiently(), effect::write);
        ASSERT_FALSE(refused) << attempt;
        EXPECT_EQ(refused.error().code(), errc::internal);
    }
    attached.driver.back().text = "extra=missing.db";
    EXPECT_THAT(start_fails(attached, start_failure::configuration), HasSubstr("attach extra="));
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "missing.db"));
}

TEST_F(sqlite, refuses_an_extension_that_cannot_be_loaded) {
    auto extended = with_script(schema);
    extended.driver.push_back({"extensions", "missing.so", {}});
    EXPECT_THAT(start_fails(extended, start_failure::configuration), HasSubstr("extension '"));
    EXPECT_THAT(start_fails(extended, start_failure::configuration), HasSubstr("missing.so"));
}

TEST_F(sqlite, shows_no_paths_that_came_from_a_secret) {
    for (const std::string_view option : {"init", "extensions", "attach"}) {
        SCOPED_TRACE(option);
        auto secret = with_script(schema);
        secret.driver.push_back(
            {std::string(option), option == "attach" ? "hidden=hidden.x" : "hidden.x", {}, true}
        );
        EXPECT_THAT(start_fails(secret, start_failure::configuration), Not(HasSubstr("hidden")));
    }
}

TEST_F(sqlite, keeps_writers_from_leaving_traces_on_their_connection) {
    ASSERT_FALSE(test.start(with_script(schema)));
    for (const std::string_view attempt :
         {"BEGIN",
          "SAVEPOINT s",
          "PRAGMA foreign_keys = 0",
          "PRAGMA writable_schema = 1",
          "VACUUM INTO 'x.db'"}) {
        const auto refused = test.query(test.compile(attempt), {}, patiently(), effect::write);
        EXPECT_FALSE(refused) << attempt;
    }
    EXPECT_EQ(first_cell("PRAGMA user_version").text, "0");
    EXPECT_TRUE(test.query(test.compile("PRAGMA wal_checkpoint"), {}, patiently(), effect::write));
    EXPECT_TRUE(test.query("SELECT name FROM pragma_table_info('items')"));
    EXPECT_TRUE(test.query("INSERT INTO items (name) VALUES ('x')"));
}

TEST_F(sqlite, uses_full_text_search_and_r_trees) {
    ASSERT_FALSE(test.start(with_script(
        "CREATE VIRTUAL TABLE notes USING fts5(body); CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);"
        "CREATE TABLE source (body); CREATE TRIGGER copy AFTER INSERT ON source BEGIN "
        "INSERT INTO notes VALUES (new.body); END;"
    )));
    ASSERT_TRUE(test.query("INSERT INTO source VALUES ('the quick fox')"));
    ASSERT_TRUE(test.query("INSERT INTO boxes VALUES (1, 0.0, 1.0)"));
    EXPECT_EQ(first_cell("SELECT body FROM notes WHERE notes MATCH 'quick'").text, "the quick fox");
    EXPECT_EQ(first_cell("SELECT id FROM boxes WHERE x0 < 0.5").text, "1");
    EXPECT_FALSE(test.query(test.compile("DELETE FROM notes"), {}, patiently(), effect::read));
}

TEST_F(sqlite, shares_a_database_in_memory_among_its_connections_only) {
    directory.write("init.sql", schema);
    auto memory = options({{"init", "init.sql", {}}});
    memory.connection_string = ":memory:";
    ASSERT_FALSE(test.start(memory));
    harness another(adapter::sqlite_backend);
    ASSERT_FALSE(another.start(memory));
    ASSERT_TRUE(test.query("INSERT INTO items (name) VALUES ('mine')"));
    EXPECT_EQ(first_cell("SELECT count(*) FROM items").text, "1");
    EXPECT_TRUE(another.query("SELECT name FROM items")->rows.empty());
    another.stop();
    directory.write("init.sql", "CREATE TABEL x;");
    EXPECT_THAT(start_fails(memory, start_failure::configuration), HasSubstr("init.sql:1: "));
}

TEST_F(sqlite, keeps_at_most_256_prepared_statements_and_serves_any_number) {
    auto one = with_script(schema);
    one.pool.max_connections = 1;
    ASSERT_FALSE(test.start(one));
    for (int round = 0; round < 2; ++round) {
        for (int number = 0; number < 300; ++number) {
            ASSERT_EQ(first_cell("SELECT " + std::to_string(number)).text, std::to_string(number));
        }
    }
}

TEST_F(sqlite, can_be_started_again_after_a_failure_and_be_made_without_being_started) {
    EXPECT_TRUE(test.start(options()));
    EXPECT_FALSE(test.tested().status().available);
    const auto too_early = test.query("SELECT 1");
    ASSERT_FALSE(too_early);
    EXPECT_EQ(too_early.error().code(), errc::unavailable);
    EXPECT_EQ(too_early.error().retry_after(), 1s);
    EXPECT_EQ(test.describe(test.compile("SELECT 1")).error().code(), errc::unavailable);
    EXPECT_FALSE(test.start(with_script(schema)));
    EXPECT_TRUE(test.tested().status().available);
    const auto never_started = adapter::sqlite_backend.make(options());
    EXPECT_EQ(never_started->name(), "test");
}

} // namespace
} // namespace hyperterse::test
