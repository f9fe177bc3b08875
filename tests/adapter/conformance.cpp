#include "tests/adapter/conformance.hpp"

#include "base/json_text.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <limits>
#include <ostream>
#include <stdexcept>

namespace hyperterse::test {

using adapter::cell_kind;
using statement::effect;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

owned_cell own(const adapter::cell& read) {
    owned_cell owned{read.kind, std::string(read.text)};
    switch (read.kind) {
    case cell_kind::boolean:
        owned.text = read.boolean ? "true" : "false";
        break;
    case cell_kind::integer:
        append_json_number(owned.text, read.integer);
        break;
    case cell_kind::floating:
        append_json_number(owned.text, read.floating);
        break;
    case cell_kind::null:
    case cell_kind::decimal:
    case cell_kind::text:
    case cell_kind::json:
    case cell_kind::bytes:
        break;
    }
    return owned;
}

owned_cell text_cell(std::string_view text) {
    return {cell_kind::text, std::string(text)};
}
owned_cell integer_cell(std::int64_t number) {
    return {cell_kind::integer, std::to_string(number)};
}

// Text that ends literals, comments, parameters or programs where it is not bound.
std::vector<std::string> hostile_strings() {
    std::vector<std::string> corpus{
        "",
        "plain",
        "'",
        "''",
        "'''",
        "\"",
        "`",
        "\\",
        "\\'",
        "\\\\'",
        "' OR '1'='1",
        "'; DROP TABLE items; --",
        "\"; DROP TABLE items; --",
        "*/ DROP TABLE items /*",
        "-- comment",
        "# comment",
        "/* comment",
        "{{ inputs.x }}",
        "{{inputs.x}}",
        "{{#if inputs.x}}",
        "{{/if}}",
        "{{ env.HOME }}",
        "${HOME}",
        "$1",
        "$2",
        "$$",
        "$tag$ text $tag$",
        "?",
        "?1",
        ":name",
        "@name",
        "%s%n%x",
        "%",
        "_",
        "%%__",
        "[a-z]*",
        "E'\\x41'",
        "x'41'",
        "U&'\\0041'",
        "NULL",
        "null",
        "true",
        "0",
        "007",
        "1e5",
        " leading and trailing ",
        "[1,2]",
        "{\"a\":1}",
        "\xC3\xA9t\xC3\xA9",
        "\xE2\x80\x98smart\xE2\x80\x99",
        "\xCA\xBCmodifier apostrophe",
        "\xEF\xBC\x87 full width",
        "\xF0\x9F\x92\xA9",
        "\xE2\x80\xAE right to left",
        "e\xCC\x81 combining",
        "\xEF\xBB\xBF byte order mark",
        "\xEF\xBF\xBF",
        "\x7F",
        std::string(64 * 1024, '\''),
        std::string(64 * 1024 - 1, 'x') + "\\",
    };
    for (char control = 1; control < 0x20; ++control) {
        corpus.push_back(std::string("a") + control + "b");
    }
    return corpus;
}

scalar_array as_array(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

// A number that is not whole comes as a double or as the digits that the database writes.
void expect_fraction(const owned_cell& read, std::string_view digits) {
    EXPECT_TRUE(read.kind == cell_kind::floating || read.kind == cell_kind::decimal) << read;
    EXPECT_EQ(read.text, digits);
}

std::vector<std::string> first_column(const answer& given) {
    std::vector<std::string> texts;
    for (const auto& row : given.rows) {
        texts.push_back(row.at(0).text);
    }
    return texts;
}

const std::vector<named_input> one_text{{"x", value_type::string}};

task<void> store_answer(task<result<answer>> work, std::optional<result<answer>>& to) {
    to.emplace(co_await std::move(work));
}

} // namespace

std::ostream& operator<<(std::ostream& out, const owned_cell& shown) {
    return out << "cell " << static_cast<int>(shown.kind) << " '" << shown.text << "'";
}

task<result<answer>> collect(
    adapter::adapter& from,
    const statement::statement& executed,
    effect how,
    std::vector<value> arguments,
    call_context context
) {
    auto started = co_await from.execute(executed, how, std::move(arguments), context);
    if (!started) {
        co_return std::move(started).error();
    }
    adapter::cursor& rows = **started;
    answer collected;
    for (const adapter::column& each : rows.columns()) {
        collected.columns.push_back(each.name);
    }
    while (true) {
        const auto batch = co_await rows.next(context);
        if (!batch) {
            co_return batch.error();
        }
        for (std::size_t index = 0; index < (*batch)->row_count(); ++index) {
            std::vector<owned_cell>& row = collected.rows.emplace_back();
            for (const adapter::cell& each : (*batch)->row(index)) {
                row.push_back(own(each));
            }
        }
        if ((*batch)->empty()) {
            collected.done = rows.done();
            co_return collected;
        }
    }
}

std::optional<adapter::start_error> harness::start(const adapter::adapter_options& options) {
    stop();
    diagnostics found;
    backend_.check(options, {"test.terse", 1, 1}, found);
    EXPECT_FALSE(found.has_errors()) << to_text(found);
    adapter_ = backend_.make(options);
    return run(worker_, adapter_->start(patiently()));
}

void harness::stop() {
    if (adapter_) {
        run(worker_, adapter_->stop(patiently().until));
        EXPECT_EQ(adapter_->status().connections_in_use, 0U);
        EXPECT_EQ(adapter_->status().connections_idle, 0U);
        adapter_.reset();
    }
}

const statement::statement& harness::compile(std::string_view text, const std::vector<named_input>& inputs) {
    std::vector<statement::input_declaration> declared;
    for (const named_input& each : inputs) {
        declared.push_back({.name = each.name, .type = each.type, .array = each.array});
    }
    statement::compile_result made = statement::compile(text, backend_.dialect, declared);
    if (!made.compiled) {
        throw std::invalid_argument(fmt::format("{}: {}", text, made.problems.at(0).message));
    }
    compiled_.push_back(std::move(*made.compiled));
    return compiled_.back().variants.front();
}

bool harness::compiles(std::string_view text) const {
    return statement::compile(text, backend_.dialect, {}).compiled.has_value();
}

result<answer> harness::query(
    const statement::statement& executed,
    std::vector<value> arguments,
    call_context context,
    std::optional<effect> how
) {
    const effect chosen = how.value_or(executed.apparent_effect);
    return run(worker_, collect(*adapter_, executed, chosen, std::move(arguments), context));
}

result<std::unique_ptr<adapter::cursor>>
harness::execute(const statement::statement& executed, call_context context) {
    return run(worker_, adapter_->execute(executed, executed.apparent_effect, {}, context));
}

result<adapter::contract> harness::describe(const statement::statement& described) {
    return run(worker_, adapter_->describe(described, patiently()));
}

void harness::begin(task<void> work) {
    asio::co_spawn(worker_, std::move(work), asio::detached);
}

void conformance::SetUp() {
    const auto failed = test.start(options());
    ASSERT_FALSE(failed) << failed->why.detail().for_log();
}

std::string backend_name(const testing::TestParamInfo<const quirks*>& instance) {
    return std::string(instance.param->name);
}

TEST_P(conformance, answers_a_read_with_columns_and_rows) {
    ASSERT_TRUE(test.query("INSERT INTO items (id, name, amount) VALUES (1, 'one', 10), (2, 'two', NULL)"));
    const auto read = test.query("SELECT id, name, amount AS total FROM items ORDER BY id");
    ASSERT_TRUE(read) << read.error().detail().for_log();
    EXPECT_THAT(read->columns, ElementsAre("id", "name", "total"));
    ASSERT_EQ(read->rows.size(), 2U);
    EXPECT_THAT(read->rows[0], ElementsAre(integer_cell(1), text_cell("one"), integer_cell(10)));
    EXPECT_EQ(read->rows[1][2].kind, cell_kind::null);
    EXPECT_EQ(read->done.rows_affected, std::nullopt);
    EXPECT_EQ(read->done.last_insert_id, std::nullopt);
}

TEST_P(conformance, keeps_columns_of_a_result_without_rows) {
    const auto read = test.query("SELECT id, name FROM items WHERE 1 = 0");
    ASSERT_TRUE(read);
    EXPECT_THAT(read->columns, ElementsAre("id", "name"));
    EXPECT_THAT(read->rows, IsEmpty());
}

TEST_P(conformance, tells_what_a_write_did) {
    const auto inserted = test.query("INSERT INTO items (id, name) VALUES (41, 'a'), (42, 'b')");
    ASSERT_TRUE(inserted);
    EXPECT_THAT(inserted->columns, IsEmpty());
    EXPECT_EQ(inserted->done.rows_affected, 2);
    if (GetParam()->inserts_tell_id) {
        EXPECT_EQ(inserted->done.last_insert_id, 42);
    }
    const auto updated = test.query("UPDATE items SET amount = 1 WHERE id = 41");
    ASSERT_TRUE(updated);
    EXPECT_EQ(updated->done.rows_affected, 1);
    EXPECT_EQ(updated->done.last_insert_id, std::nullopt);
    const auto nothing = test.query("DELETE FROM items WHERE id = 99");
    ASSERT_TRUE(nothing);
    EXPECT_EQ(nothing->done.rows_affected, 0);
    const auto created = test.query("CREATE TABLE more (id INTEGER)");
    ASSERT_TRUE(created);
    EXPECT_EQ(created->done.rows_affected.value_or(0), 0);
}

TEST_P(conformance, gives_the_rows_of_a_write_that_returns_some) {
    const auto returned = test.query("INSERT INTO items (id, name) VALUES (1, 'a'), (2, 'b') RETURNING id");
    ASSERT_TRUE(returned) << returned.error().detail().for_log();
    EXPECT_THAT(returned->columns, ElementsAre("id"));
    EXPECT_THAT(first_column(*returned), ElementsAre("1", "2"));
    EXPECT_EQ(test.query("SELECT id FROM items")->rows.size(), 2U);
}

TEST_P(conformance, keeps_a_write_whose_rows_nobody_reads) {
    const auto& insert = test.compile("INSERT INTO items (id, name) VALUES (1, 'a'), (2, 'b') RETURNING id");
    ASSERT_TRUE(test.execute(insert));
    EXPECT_EQ(test.query("SELECT id FROM items")->rows.size(), 2U);
}

TEST_P(conformance, brings_every_kind_of_value_back) {
    const auto& insert = test.compile(
        "INSERT INTO kinds (flag, whole, fraction, words, tree) VALUES ({{ inputs.flag }}, {{ inputs.whole "
        "}}, "
        "{{ inputs.fraction }}, {{ inputs.words }}, {{ inputs.tree }})",
        {{"flag", value_type::boolean},
         {"whole", value_type::integer},
         {"fraction", value_type::floating},
         {"words", value_type::string},
         {"tree", value_type::json}}
    );
    constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const std::vector<std::vector<value>> rows{
        {true, smallest, 0.1, std::string("text"), std::string(R"({"a":[1,2.50,"x"]})")},
        {false, largest, -1.7976931348623157e308, std::string(), std::string("[]")},
        {value(), value(), value(), value(), value()},
        {true, std::int64_t{9'007'199'254'740'993}, 5e-324, std::string("NULL"), std::string("\"s\"")},
    };
    for (const std::vector<value>& row : rows) {
        const auto stored = test.query(insert, row);
        ASSERT_TRUE(stored) << stored.error().detail().for_log();
    }
    const auto read = test.query("SELECT flag, whole, fraction, words, tree FROM kinds");
    ASSERT_TRUE(read);
    ASSERT_EQ(read->rows.size(), rows.size());
    EXPECT_EQ(read->rows[0][0], (owned_cell{cell_kind::boolean, "true"}));
    EXPECT_EQ(read->rows[0][1], integer_cell(smallest));
    expect_fraction(read->rows[0][2], "0.1");
    EXPECT_EQ(read->rows[0][3], text_cell("text"));
    EXPECT_EQ(read->rows[0][4].kind, cell_kind::json);
    EXPECT_EQ(read->rows[1][0], (owned_cell{cell_kind::boolean, "false"}));
    EXPECT_EQ(read->rows[1][1], integer_cell(largest));
    expect_fraction(read->rows[1][2], "-1.7976931348623157e+308");
    EXPECT_EQ(read->rows[1][3], text_cell(""));
    for (const owned_cell& each : read->rows[2]) {
        EXPECT_EQ(each.kind, cell_kind::null);
    }
    EXPECT_EQ(read->rows[3][1], integer_cell(9'007'199'254'740'993));
    expect_fraction(read->rows[3][2], "5e-324");
    EXPECT_EQ(read->rows[3][3], text_cell("NULL"));
    EXPECT_EQ(read->rows[3][4], (owned_cell{cell_kind::json, "\"s\""}));
}

TEST_P(conformance, brings_hostile_strings_back_byte_for_byte_from_every_place_in_a_statement) {
    const auto& bare = test.compile("SELECT {{ inputs.x }} AS v", one_text);
    const auto& literal = test.compile("SELECT '{{ inputs.x }}' AS v", one_text);
    const auto& joined = test.compile("SELECT 'it''s {{ inputs.x }}-end' AS v", one_text);
    const auto& twice = test.compile("SELECT '{{ inputs.x }}|{{ inputs.x }}' AS v", one_text);
    for (const std::string& hostile : hostile_strings()) {
        SCOPED_TRACE(hostile.substr(0, 60));
        const std::vector<std::pair<const statement::statement*, std::string>> forms{
            {&bare, hostile},
            {&literal, hostile},
            {&joined, "it's " + hostile + "-end"},
            {&twice, hostile + "|" + hostile},
        };
        for (const auto& [form, expected] : forms) {
            const std::vector<value> arguments(form->parameters.size(), value(hostile));
            const auto read = test.query(*form, arguments);
            ASSERT_TRUE(read) << read.error().detail().for_log();
            ASSERT_EQ(read->rows.size(), 1U);
            EXPECT_EQ(read->rows[0][0], text_cell(expected));
        }
    }
    EXPECT_TRUE(test.query("SELECT id FROM items"));
}

TEST_P(conformance, finds_hostile_strings_with_like_and_in_arrays) {
    const auto& insert = test.compile(
        "INSERT INTO items (id, name) VALUES ({{ inputs.id }}, {{ inputs.x }})",
        {{"id", value_type::integer}, {"x", value_type::string}}
    );
    const auto& like = test.compile("SELECT name FROM items WHERE name LIKE '%{{ inputs.x }}%'", one_text);
    const std::vector<std::string> corpus = hostile_strings();
    std::int64_t id = 0;
    for (const std::string& hostile : corpus) {
        ASSERT_TRUE(test.query(insert, {++id, hostile}));
    }
    for (const std::string& hostile : corpus) {
        const bool escapes = GetParam()->like_has_escape && hostile.find('\\') != std::string::npos;
        if (escapes || hostile.size() + 2 > GetParam()->longest_like) {
            continue;
        }
        const auto found = test.query(like, {hostile});
        ASSERT_TRUE(found) << found.error().detail().for_log();
        EXPECT_THAT(first_column(*found), testing::Contains(hostile));
    }
    const auto& in = test.compile(
        "SELECT name FROM items WHERE name IN ({{ inputs.xs }})", {{"xs", value_type::string, true}}
    );
    const auto all = test.query(in, {as_array(corpus)});
    ASSERT_TRUE(all) << all.error().detail().for_log();
    EXPECT_THAT(first_column(*all), testing::UnorderedElementsAreArray(corpus));
    EXPECT_THAT(test.query(in, {scalar_array()})->rows, IsEmpty());
}

TEST_P(conformance, finds_numbers_in_arrays) {
    ASSERT_TRUE(test.query("INSERT INTO items (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')"));
    const auto& in = test.compile(
        "SELECT name FROM items WHERE id IN ({{ inputs.ids }}) ORDER BY id",
        {{"ids", value_type::integer, true}}
    );
    const auto found = test.query(in, {scalar_array{std::int64_t{3}, std::int64_t{1}, std::int64_t{9}}});
    ASSERT_TRUE(found) << found.error().detail().for_log();
    EXPECT_THAT(first_column(*found), ElementsAre("a", "c"));
}

TEST_P(conformance, serves_exactly_max_connections_slow_reads_at_once) {
    auto two = options();
    two.pool.max_connections = 2;
    ASSERT_FALSE(test.start(two));
    const auto& endless = test.compile(GetParam()->endless);
    std::array<std::stop_source, 3> stops;
    std::array<std::optional<result<answer>>, 3> answers;
    for (std::size_t index = 0; index < stops.size(); ++index) {
        const call_context context{deadline::in(60s), stops[index].get_token()};
        test.begin(store_answer(collect(test.tested(), endless, effect::read, {}, context), answers[index]));
    }
    const auto counts = [&] { return test.tested().status(); };
    ASSERT_TRUE(test.run_until([&] { return counts().connections_in_use == 2 && counts().waiting == 1; }));
    stops[0].request_stop();
    ASSERT_TRUE(test.run_until([&] { return answers[0] && counts().waiting == 0; }));
    EXPECT_EQ(counts().connections_in_use, 2U);
    stops[1].request_stop();
    stops[2].request_stop();
    ASSERT_TRUE(test.run_until([&] { return answers[1] && answers[2]; }));
    for (const auto& each : answers) {
        ASSERT_FALSE(*each);
        EXPECT_EQ(each->error().code(), errc::cancelled);
    }
}

TEST_P(conformance, refuses_as_overloaded_when_no_connection_becomes_free) {
    auto one = options();
    one.pool.max_connections = 1;
    one.pool.min_connections = 1;
    one.pool.acquire_timeout = 20ms;
    const auto is_warm = [this] { return test.tested().status().connections_idle > 0; };
    ASSERT_FALSE(test.start(one));
    ASSERT_TRUE(test.run_until(is_warm));
    auto held = test.execute(test.compile(GetParam()->million_rows));
    ASSERT_TRUE(held);
    const auto refused = test.query("SELECT id FROM items");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::overloaded);
    EXPECT_EQ(refused.error().retry_after(), 1s);
    held->reset();
    test.stop();
    ASSERT_FALSE(test.start(one));
    ASSERT_TRUE(test.run_until(is_warm));
    EXPECT_TRUE(test.query("SELECT id FROM items"));
}

TEST_P(conformance, ends_a_statement_at_the_deadline_and_serves_on) {
    auto one = options();
    one.pool.max_connections = 1;
    ASSERT_FALSE(test.start(one));
    const auto late = test.query(test.compile(GetParam()->endless), {}, {deadline::in(50ms), {}});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::timeout);
    const auto after = test.query("SELECT 7 AS n");
    ASSERT_TRUE(after);
    EXPECT_EQ(after->rows[0][0], integer_cell(7));
    const auto past = test.query(test.compile("SELECT 1"), {}, {deadline::in(-1s), {}});
    ASSERT_FALSE(past);
    EXPECT_EQ(past.error().code(), errc::timeout);
}

TEST_P(conformance, ends_a_statement_at_the_statement_timeout) {
    auto limited = options();
    limited.statement_timeout = 50ms;
    ASSERT_FALSE(test.start(limited));
    const auto late = test.query(GetParam()->endless);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::timeout);
    EXPECT_TRUE(test.query("SELECT 1"));
}

TEST_P(conformance, ends_a_statement_when_the_caller_stops) {
    std::stop_source stop;
    std::optional<result<answer>> cancelled;
    const call_context context{deadline::in(60s), stop.get_token()};
    const auto& endless = test.compile(GetParam()->endless);
    test.begin(store_answer(collect(test.tested(), endless, effect::read, {}, context), cancelled));
    ASSERT_TRUE(test.run_until([&] { return test.tested().status().connections_in_use == 1; }));
    std::jthread elsewhere([&stop] { stop.request_stop(); });
    ASSERT_TRUE(test.run_until([&] { return cancelled.has_value(); }));
    ASSERT_FALSE(*cancelled);
    EXPECT_EQ(cancelled->error().code(), errc::cancelled);
    EXPECT_TRUE(test.query("SELECT 1"));
}

TEST_P(conformance, gives_the_connection_back_when_a_cursor_is_dropped) {
    auto one = options();
    one.pool.max_connections = 1;
    ASSERT_FALSE(test.start(one));
    const auto& rows = test.compile(GetParam()->million_rows);
    for (int count = 0; count < 3; ++count) {
        auto dropped = test.execute(rows);
        ASSERT_TRUE(dropped) << dropped.error().detail().for_log();
        if (count > 0) {
            EXPECT_TRUE(run(test.worker(), (*dropped)->next(patiently())));
        }
    }
    EXPECT_TRUE(test.query("SELECT 1"));
}

task<std::size_t> count_rows(adapter::cursor& rows, std::size_t& largest_batch, std::int64_t& sum) {
    std::size_t count = 0;
    while (true) {
        const auto batch = co_await rows.next(patiently());
        if (!batch || (*batch)->empty()) {
            co_return count;
        }
        largest_batch = std::max(largest_batch, (*batch)->byte_count());
        count += (*batch)->row_count();
        for (std::size_t index = 0; index < (*batch)->row_count(); ++index) {
            sum += (*batch)->row(index)[0].integer;
        }
    }
}

TEST_P(conformance, streams_a_million_rows_in_small_batches) {
    auto rows = test.execute(test.compile(GetParam()->million_rows));
    ASSERT_TRUE(rows);
    std::size_t largest_batch = 0;
    std::int64_t sum = 0;
    EXPECT_EQ(run(test.worker(), count_rows(**rows, largest_batch, sum)), 1'000'000U);
    EXPECT_EQ(sum, std::int64_t{500'000'500'000});
    EXPECT_LE(largest_batch, 128U * 1024);
}

TEST_P(conformance, lets_no_read_change_anything) {
    ASSERT_TRUE(test.query("INSERT INTO items (id, name) VALUES (1, 'kept')"));
    std::vector<std::string_view> attempts{
        "INSERT INTO items (id, name) VALUES (2, 'added')",
        "UPDATE items SET name = 'changed'",
        "DELETE FROM items",
        "INSERT INTO items (id, name) VALUES (3, 'added') RETURNING id",
        "DROP TABLE items",
        "ALTER TABLE items RENAME TO gone",
        "CREATE TABLE added (id INTEGER)",
        "CREATE TEMPORARY TABLE added (id INTEGER)",
    };
    for (const bypass_attempt& each : GetParam()->bypasses) {
        attempts.push_back(each.statement);
    }
    for (const std::string_view attempt : attempts) {
        SCOPED_TRACE(attempt);
        if (!test.compiles(attempt)) {
            continue; // refused when the configuration is loaded
        }
        const auto refused = test.query(test.compile(attempt), {}, patiently(), effect::read);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), errc::internal);
        EXPECT_EQ(refused.error().message(), "the query failed");
        const auto write = test.query(
            test.compile("INSERT INTO items (id, name) VALUES (9, 'x')"), {}, patiently(), effect::read
        );
        EXPECT_FALSE(write) << "the read session has become writable";
        const auto kept = test.query("SELECT name FROM items");
        ASSERT_TRUE(kept) << kept.error().detail().for_log();
        EXPECT_THAT(first_column(*kept), ElementsAre("kept"));
    }
}

TEST_P(conformance, refuses_to_write_through_a_read_only_adapter) {
    auto read_only = options();
    read_only.read_only = true;
    if (GetParam()->outlives_adapter) {
        std::erase_if(read_only.driver, [](const auto& each) { return each.name == "init"; });
    }
    ASSERT_FALSE(test.start(read_only));
    const auto refused = test.query("INSERT INTO items (id, name) VALUES (1, 'a')");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::internal);
    const auto kept = test.query("SELECT id FROM items");
    ASSERT_TRUE(kept);
    EXPECT_THAT(kept->rows, IsEmpty());
}

TEST_P(conformance, reports_violated_constraints_as_conflicts) {
    ASSERT_TRUE(test.query("INSERT INTO items (id, name) VALUES (1, 'a')"));
    for (const std::string_view violation : {
             "INSERT INTO items (id, name) VALUES (1, 'b')",
             "INSERT INTO items (id, name) VALUES (2, 'a')",
             "INSERT INTO items (id, name) VALUES (3, NULL)",
             "UPDATE items SET name = NULL WHERE id = 1",
         }) {
        SCOPED_TRACE(violation);
        const auto refused = test.query(violation);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), errc::conflict);
        EXPECT_EQ(refused.error().message().find("items"), std::string::npos);
        EXPECT_FALSE(refused.error().detail().empty());
    }
    EXPECT_EQ(test.query("SELECT id FROM items")->rows.size(), 1U);
}

TEST_P(conformance, describes_statements_without_running_them) {
    const auto read = test.describe(test.compile("SELECT id, name FROM items"));
    ASSERT_TRUE(read) << read.error().detail().for_log();
    ASSERT_EQ(read->columns.size(), 2U);
    EXPECT_EQ(read->columns[0].name, "id");
    EXPECT_EQ(read->columns[1].name, "name");
    EXPECT_FALSE(read->columns[1].type.empty());
    EXPECT_TRUE(read->read_only);
    const auto write =
        test.describe(test.compile("INSERT INTO items (id, name) VALUES (1, {{ inputs.x }})", one_text));
    ASSERT_TRUE(write) << write.error().detail().for_log();
    EXPECT_THAT(write->columns, IsEmpty());
    EXPECT_FALSE(write->read_only);
    EXPECT_THAT(test.query("SELECT id FROM items")->rows, IsEmpty());
}

TEST_P(conformance, rejects_what_the_database_does_not_know_when_it_describes) {
    for (const std::string_view wrong : {
             "SELECT id FROM no_such_table",
             "SELECT no_such_column FROM items",
             "INSERT INTO no_such_table (id) VALUES (1)",
             "SELECT no_such_function(1)",
             "SELECT FROM WHERE",
         }) {
        SCOPED_TRACE(wrong);
        const auto rejected = test.describe(test.compile(wrong));
        ASSERT_FALSE(rejected);
        EXPECT_EQ(rejected.error().code(), errc::internal);
        EXPECT_EQ(rejected.error().message().find("no_such"), std::string::npos);
        EXPECT_FALSE(rejected.error().detail().empty());
    }
}

TEST_P(conformance, serves_on_after_statements_that_fail) {
    auto one = options();
    one.pool.max_connections = 1;
    ASSERT_FALSE(test.start(one));
    for (int count = 0; count < 5; ++count) {
        EXPECT_FALSE(test.query("SELECT id FROM no_such_table"));
        EXPECT_TRUE(test.query("SELECT id FROM items"));
    }
}

TEST_P(conformance, sees_columns_that_a_table_gained) {
    ASSERT_TRUE(test.query("INSERT INTO items (id, name) VALUES (1, 'a')"));
    const auto& all = test.compile("SELECT * FROM items");
    EXPECT_EQ(test.query(all)->columns.size(), 3U);
    ASSERT_TRUE(test.query("ALTER TABLE items ADD COLUMN later INTEGER"));
    const auto wider = test.query(all);
    ASSERT_TRUE(wider) << wider.error().detail().for_log();
    EXPECT_THAT(wider->columns, ElementsAre("id", "name", "amount", "later"));
    EXPECT_EQ(wider->rows.at(0).size(), 4U);
    const auto& none = test.compile("SELECT * FROM items WHERE id < 0");
    EXPECT_EQ(test.query(none)->columns.size(), 4U);
    ASSERT_TRUE(test.query("ALTER TABLE items ADD COLUMN last INTEGER"));
    EXPECT_EQ(test.query(none)->columns.size(), 5U);
}

TEST_P(conformance, waits_for_running_statements_when_it_stops) {
    auto held = test.execute(test.compile(GetParam()->million_rows));
    ASSERT_TRUE(held);
    bool stopped = false;
    asio::co_spawn(test.worker(), test.tested().stop(patiently().until), [&](std::exception_ptr thrown) {
        EXPECT_FALSE(thrown);
        stopped = true;
    });
    for (int count = 0; count < 20; ++count) {
        test.worker().restart();
        test.worker().run_one_for(1ms);
    }
    EXPECT_FALSE(stopped);
    const auto late = test.query("SELECT 1");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), errc::unavailable);
    held->reset();
    EXPECT_TRUE(test.run_until([&] { return stopped; }));
}

TEST_P(conformance, is_available_with_its_connections_counted) {
    const auto before = test.tested().status();
    EXPECT_TRUE(before.available);
    EXPECT_EQ(before.reason, "");
    auto held = test.execute(test.compile(GetParam()->million_rows));
    ASSERT_TRUE(held);
    EXPECT_EQ(test.tested().status().connections_in_use, 1U);
    held->reset();
    EXPECT_TRUE(test.run_until([&] { return test.tested().status().connections_in_use == 0; }));
}

// Adds 1 to a counter, as often as asked, from one of several workers.
task<int> add_often(adapter::adapter& to, const statement::statement& add, int times) {
    int added = 0;
    for (int count = 0; count < times; ++count) {
        const auto done = co_await collect(to, add, effect::write, {}, patiently());
        added += done ? 1 : 0;
    }
    co_return added;
}
task<int> read_often(adapter::adapter& from, const statement::statement& read, int times) {
    int served = 0;
    for (int count = 0; count < times; ++count) {
        const auto done = co_await collect(from, read, effect::read, {}, patiently());
        served += done && done->rows.size() == 1 ? 1 : 0;
    }
    co_return served;
}

TEST_P(conformance, serves_several_workers_at_once) {
    ASSERT_TRUE(test.query("INSERT INTO items (id, name, amount) VALUES (1, 'counter', 0)"));
    const auto& add = test.compile("UPDATE items SET amount = amount + 1 WHERE id = 1");
    const auto& read = test.compile("SELECT amount FROM items WHERE id = 1");
    {
        std::array<worker_thread, 3> workers;
        std::vector<std::future<int>> adding;
        std::vector<std::future<int>> reading;
        for (worker_thread& worker : workers) {
            for (int client = 0; client < 3; ++client) {
                adding.push_back(worker.start(add_often(test.tested(), add, 20)));
                reading.push_back(worker.start(read_often(test.tested(), read, 50)));
            }
        }
        const auto all_done = [&] {
            const auto ready = [](auto& each) { return each.wait_for(0s) == std::future_status::ready; };
            return std::ranges::all_of(adding, ready) && std::ranges::all_of(reading, ready);
        };
        ASSERT_TRUE(test.run_until(all_done));
        for (auto& each : adding) {
            EXPECT_EQ(each.get(), 20);
        }
        for (auto& each : reading) {
            EXPECT_EQ(each.get(), 50);
        }
        EXPECT_EQ(test.query(read)->rows[0][0], integer_cell(180));
        test.stop(); // while the workers live, where connections are at home
    }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(conformance);

} // namespace hyperterse::test
