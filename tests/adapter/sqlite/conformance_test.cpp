#include "tests/adapter/conformance.hpp"

#include "adapter/sqlite/sqlite.hpp"

namespace hyperterse::test {
namespace {

constexpr std::string_view sample = R"(
CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, amount INTEGER);
CREATE TABLE kinds (flag BOOLEAN, whole INTEGER, fraction REAL, words TEXT, tree JSON);
)";

adapter::adapter_options with_sample(const temporary_directory& directory, std::string connection_string) {
    directory.write("sample.sql", sample);
    adapter::adapter_options options;
    options.name = "sqlite";
    options.connection_string = std::move(connection_string);
    options.directory = directory.path();
    options.driver.push_back({"init", "sample.sql", {}});
    return options;
}

adapter::adapter_options in_file(const temporary_directory& directory) {
    return with_sample(directory, "sqlite:data.db");
}

adapter::adapter_options in_memory(const temporary_directory& directory) {
    return with_sample(directory, ":memory:");
}

quirks sqlite_quirks(std::string_view name, adapter::adapter_options (*fresh)(const temporary_directory&)) {
    return {
        .name = name,
        .backend = &adapter::sqlite_backend,
        .fresh = fresh,
        .endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        .million_rows = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers "
                        "WHERE n < 1000000) SELECT n FROM numbers",
        .bypasses =
            {
                {"PRAGMA query_only = 0"},
                {"PRAGMA query_only(0)"},
                {"PRAGMA main.query_only = off"},
                {"PRAGMA user_version = 7"},
                {"PRAGMA journal_mode = delete"},
                {"PRAGMA writable_schema = 1"},
                {"PRAGMA temp_store_directory = '/tmp'"},
                {"PRAGMA wal_checkpoint"},
                {"PRAGMA optimize"},
                {"ATTACH ':memory:' AS other"},
                {"ATTACH DATABASE 'other.db' AS other"},
                {"DETACH main"},
                {"BEGIN"},
                {"BEGIN IMMEDIATE"},
                {"COMMIT"},
                {"SAVEPOINT here"},
                {"VACUUM"},
                {"VACUUM INTO 'copy.db'"},
                {"REINDEX"},
                {"ANALYZE"},
                {"SELECT load_extension('evil')"},
                {"SELECT fts3_tokenizer('simple', x'4141414141414141')"},
                {"REPLACE INTO items (id, name) VALUES (1, 'replaced')"},
                {"WITH x AS (SELECT 1) DELETE FROM items"},
                {"CREATE VIRTUAL TABLE added USING fts5(words)"},
                {"CREATE TRIGGER added AFTER INSERT ON items BEGIN SELECT 1; END"},
                {"CREATE TEMP VIEW added AS SELECT 1"},
                {"SELECT 1; DELETE FROM items"},
                {"EXPLAIN DELETE FROM items; DELETE FROM items"},
            },
        .inserts_tell_id = true,
        .longest_like = 50'000,
    };
}

const quirks file_quirks = sqlite_quirks("sqlite", in_file);
const quirks memory_quirks = [] {
    quirks memory = sqlite_quirks("sqlite_memory", in_memory);
    memory.outlives_adapter = false;
    return memory;
}();

INSTANTIATE_TEST_SUITE_P(backend, conformance, testing::Values(&file_quirks, &memory_quirks), backend_name);

} // namespace
} // namespace hyperterse::test
