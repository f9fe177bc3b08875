#include "support.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <sqlite3.h>

// What the compiler makes for SQLite is what SQLite understands.
namespace hyperterse::statement {
namespace {

struct closer {
    void operator()(sqlite3* open) const { sqlite3_close(open); }
    void operator()(sqlite3_stmt* prepared) const { sqlite3_finalize(prepared); }
};
using database = std::unique_ptr<sqlite3, closer>;
using prepared = std::unique_ptr<sqlite3_stmt, closer>;

database make_database() {
    sqlite3* open = nullptr;
    sqlite3_open(":memory:", &open);
    database made(open);
    sqlite3_exec(
        open,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, role TEXT, created_at TEXT);"
        "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, name TEXT, created_at TEXT);"
        "INSERT INTO users VALUES (1, 'Ann', 'a@x', 'admin', '2024-01-01'), (2, 'Bob', 'b@x', 'user', "
        "'2024-01-02'), (3, 'Cy', 'c@x', 'user', '2024-01-03')",
        nullptr,
        nullptr,
        nullptr
    );
    return made;
}

prepared prepare(sqlite3* in, std::string_view text) {
    sqlite3_stmt* made = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(in, text.data(), static_cast<int>(text.size()), &made, nullptr), SQLITE_OK)
        << text << ": " << sqlite3_errmsg(in);
    return prepared(made);
}

TEST(sqlite, prepares_every_variant_with_as_many_parameters_as_it_binds) {
    const database db = make_database();
    for (const std::string_view source : {
             "SELECT * FROM users WHERE id = {{ inputs.id }} AND email = '{{ inputs.email }}'",
             "SELECT * FROM users WHERE name LIKE '%{{ inputs.q }}%' ESCAPE '\\' OR name = {{ inputs.q }}",
             "SELECT * FROM users WHERE id NOT IN ({{ inputs.ids }}) LIMIT {{ inputs.n }} OFFSET '{{ "
             "inputs.n }}'",
             "SELECT u.id, j.value FROM users u, json_each({{ inputs.ids }}) j WHERE u.id = j.value",
             "SELECT {{ inputs.table }}.id FROM {{ inputs.table }} ORDER BY {{ inputs.sort }};",
             "SELECT id FROM users WHERE 1{{#if inputs.role}} AND role = {{ inputs.role }}{{else}} AND "
             "1{{/if}}",
             "SELECT date({{ inputs.d }}, '-{{ inputs.n }} days'), CAST('{{ inputs.id }}' AS TEXT)",
             "INSERT INTO users (name, email) VALUES ({{ inputs.q }}, '{{ inputs.email }}') RETURNING id",
             "UPDATE users SET name = {{inputs.q}}, role='{{inputs.role}}' WHERE id={{inputs.id}}",
             "DELETE FROM users WHERE id IN ({{ inputs.ids }})",
             "SELECT id FROM users WHERE name IS DISTINCT FROM {{ inputs.q }} "
             "ORDER BY CASE WHEN role = {{ inputs.role }} THEN 0 ELSE {{ inputs.n }} END, abs(id - {{ "
             "inputs.id }})",
             "SELECT '{{ inputs.id }}'||5, 1 WHERE 2='{{ inputs.id }}'OR'{{ inputs.q }}x'='{{ inputs.q }}'",
         }) {
        const compile_result result = compile(source, dialect::sqlite, testing::inputs);
        ASSERT_TRUE(result.compiled.has_value()) << testing::show(result.problems);
        for (const statement& each : result.compiled->variants) {
            const prepared made = prepare(db.get(), each.text.view());
            EXPECT_EQ(
                static_cast<std::size_t>(sqlite3_bind_parameter_count(made.get())), each.parameters.size()
            );
            EXPECT_EQ(sqlite3_stmt_readonly(made.get()) != 0, each.apparent_effect == effect::read) << source;
        }
    }
}

TEST(sqlite, finds_the_members_of_an_array_in_its_json_text) {
    const database db = make_database();
    const compile_result result = compile(
        "SELECT group_concat(name) FROM users WHERE id IN ({{ inputs.ids }})",
        dialect::sqlite,
        testing::inputs
    );
    ASSERT_TRUE(result.compiled.has_value());
    const prepared made = prepare(db.get(), result.compiled->variants.front().text.view());
    sqlite3_bind_text(made.get(), 1, "[1,3,7]", -1, SQLITE_STATIC);
    ASSERT_EQ(sqlite3_step(made.get()), SQLITE_ROW);
    EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(made.get(), 0)), "Ann,Cy");
}

TEST(sqlite, takes_a_hostile_value_inside_a_literal_as_text) {
    const database db = make_database();
    const compile_result result = compile("SELECT '<{{ inputs.q }}>'", dialect::sqlite, testing::inputs);
    ASSERT_TRUE(result.compiled.has_value());
    const prepared made = prepare(db.get(), result.compiled->variants.front().text.view());
    sqlite3_bind_text(made.get(), 1, "' || (SELECT email FROM users) || '", -1, SQLITE_STATIC);
    ASSERT_EQ(sqlite3_step(made.get()), SQLITE_ROW);
    EXPECT_STREQ(
        reinterpret_cast<const char*>(sqlite3_column_text(made.get(), 0)),
        "<' || (SELECT email FROM users) || '>"
    );
}

} // namespace
} // namespace hyperterse::statement
