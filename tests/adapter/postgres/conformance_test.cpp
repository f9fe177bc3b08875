#include "tests/adapter/conformance.hpp"

#include "adapter/postgres/postgres.hpp"
#include "tests/adapter/postgres/admin.hpp"

namespace hyperterse::test {
namespace {

// A schema of its own.
adapter::adapter_options in_schema(const temporary_directory& directory) {
    const std::string schema = unique_name();
    admin().run("CREATE SCHEMA " + schema + "; SET search_path = " + schema + R"(;
        CREATE TABLE items (id integer PRIMARY KEY, name text UNIQUE NOT NULL, amount integer);
        CREATE TABLE kinds (flag boolean, whole bigint, fraction float8, words text, tree json);
        CREATE SEQUENCE counted;
        CREATE FUNCTION writes() RETURNS integer LANGUAGE sql AS 'DELETE FROM items; SELECT 1';
        CREATE FUNCTION unlocks() RETURNS integer LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM set_config('transaction_read_only', 'off', true);
            DELETE FROM items;
            RETURN 1;
        END $$)");
    adapter::adapter_options options;
    options.name = "postgres";
    options.connection_string = postgres_connection_string();
    options.directory = directory.path();
    options.driver.push_back({"search_path", schema, {}});
    return options;
}

adapter::adapter_options unnamed(const temporary_directory& directory) {
    adapter::adapter_options options = in_schema(directory);
    options.driver.push_back({"prepared_statements", "unnamed", {}});
    return options;
}

adapter::adapter_options without_pipeline(const temporary_directory& directory) {
    adapter::adapter_options options = in_schema(directory);
    options.driver.push_back({"pipeline", "off", {}});
    return options;
}

quirks postgres_quirks(std::string_view name, adapter::adapter_options (*fresh)(const temporary_directory&)) {
    return {
        .name = name,
        .backend = &adapter::postgres_backend,
        .fresh = fresh,
        .endless = "SELECT pg_sleep(3600)",
        .million_rows = "SELECT n FROM generate_series(1, 1000000) AS n",
        .bypasses =
            {
                {"WITH gone AS (DELETE FROM items RETURNING id) SELECT id FROM gone"},
                {"WITH new AS (INSERT INTO items (id, name) VALUES (7, 'x') RETURNING id) SELECT id FROM new"
                },
                {"SELECT nextval('counted')"},
                {"SELECT setval('counted', 9)"},
                {"SELECT writes()"},
                {"SELECT unlocks()"},
                {"SELECT id INTO copied FROM items"},
                {"CREATE TABLE copied AS SELECT id FROM items"},
                {"DO 'BEGIN DELETE FROM items; END'"},
                {"EXPLAIN ANALYZE DELETE FROM items"},
                {"EXPLAIN (ANALYZE) INSERT INTO items (id, name) VALUES (8, 'x')"},
                {"SELECT 1; DELETE FROM items"},
                {"SELECT 1 /* ; */; /* */ DELETE FROM items"},
                {"SET TRANSACTION READ WRITE; DELETE FROM items"},
                {"TRUNCATE items"},
                {"MERGE INTO items USING (SELECT 1 AS id) AS n ON items.id = n.id WHEN MATCHED THEN DELETE"},
                {"COPY items TO STDOUT"},
                {"COPY items FROM STDIN"},
                {"SELECT id FROM items FOR UPDATE"},
                {"REFRESH MATERIALIZED VIEW none"},
                {"GRANT SELECT ON items TO public"},
                {"PREPARE later AS DELETE FROM items; EXECUTE later"},
            },
        .like_has_escape = true,
    };
}

const quirks usual = postgres_quirks("postgres", in_schema);
const quirks never_prepared = postgres_quirks("postgres_unnamed", unnamed);
const quirks never_shared = postgres_quirks("postgres_without_pipeline", without_pipeline);

INSTANTIATE_TEST_SUITE_P(
    backend, conformance, testing::Values(&usual, &never_prepared, &never_shared), backend_name
);

} // namespace
} // namespace hyperterse::test
