#include "config/load.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace hyperterse::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path source_root = HYPERTERSE_SOURCE_DIR;

constexpr std::string_view adapters = R"(
adapters:
  pg: { connector: postgres, connection_string: x }
)";

class loading : public testing::Test {
protected:
    loading() : directory_(std::filesystem::temp_directory_path() / ("loading." + std::to_string(getpid()))) {
        std::filesystem::create_directories(directory_ / "beside");
        std::filesystem::create_directories(directory_ / "here");
    }
    ~loading() override { std::filesystem::remove_all(directory_); }

    std::filesystem::path write(const std::string& name, std::string_view text) const {
        std::ofstream(directory_ / name, std::ios::binary) << text;
        return directory_ / name;
    }
    std::optional<model> load_text(std::string text) {
        return load({.file = {}, .text = std::move(text)}, options_, found_);
    }
    // A query named q with this statement, written as the YAML value `statement`.
    located_text load_statement(std::string_view statement) {
        std::string text = "name: app";
        text.append(adapters).append("queries:\n  q:\n    use: pg\n    description: d\n    statement: ");
        auto loaded = load_text(text.append(statement));
        EXPECT_EQ(to_text(found_), "");
        return loaded ? loaded->queries.at(0).statement : located_text{};
    }

    std::filesystem::path directory_;
    diagnostics found_;
    load_options options_{
        .variables = [](std::string_view name) -> std::optional<std::string> {
            return name == "REAL" ? std::optional<std::string>("real") : std::nullopt;
        },
        .working_directory = directory_ / "here",
    };
};

std::pair<std::size_t, std::size_t> place(const located_text& text, std::size_t offset) {
    const location at = text.at(offset);
    return {at.line, at.column};
}

using line_column = std::pair<std::size_t, std::size_t>;

TEST_F(loading, every_key_reaches_the_model) {
    const auto loaded = load(
        {.file = source_root / "tests/unit/config/valid/every-key.terse", .text = {}},
        {.variables = [](std::string_view) { return std::optional<std::string>("hunter2"); }},
        found_
    );
    ASSERT_TRUE(loaded) << to_text(found_);
    EXPECT_EQ(loaded->name.value, "app");
    EXPECT_EQ(loaded->version, "2.1.0");
    EXPECT_EQ(loaded->bundle.out, "bundle");
    EXPECT_TRUE(loaded->bundle.clean_dir);

    const server_config& server = loaded->server;
    EXPECT_EQ(server.listen.host, "127.0.0.1");
    EXPECT_EQ(server.listen.port, 9000);
    EXPECT_EQ(server.admin.value().host, "::1");
    EXPECT_EQ(server.admin.value().port, 0);
    EXPECT_EQ(server.log_level, log::level::debug);
    EXPECT_EQ(server.log_format, log::format::json);
    EXPECT_EQ(server.workers, 4U);
    EXPECT_EQ(server.base_url, "https://api.example.org");
    EXPECT_EQ(server.trusted_proxies.at(1).value, "::1");
    EXPECT_EQ(server.startup, startup_mode::strict);
    EXPECT_EQ(server.query_timeout, 10s);
    EXPECT_EQ(server.query_max_rows, 100U);
    EXPECT_EQ(server.limits.request_body, 2U * 1024 * 1024);
    EXPECT_EQ(server.limits.request_header, 8192U);
    EXPECT_EQ(server.limits.json_depth, 16U);
    EXPECT_EQ(server.limits.connections, 1000U);
    EXPECT_EQ(server.limits.in_flight, 16U);
    EXPECT_EQ(server.limits.request_timeout, 60s);
    EXPECT_EQ(server.limits.header_timeout, 500ms);
    EXPECT_EQ(server.limits.body_timeout, 1500ms);
    EXPECT_EQ(server.limits.idle_timeout, 90s);
    EXPECT_EQ(server.limits.write_timeout, 30s);
    EXPECT_EQ(server.limits.drain_timeout, 0s);

    ASSERT_EQ(loaded->adapters.size(), 2U);
    const adapter_config& main = loaded->adapters[0];
    EXPECT_EQ(main.connector.value, connector_kind::postgres);
    EXPECT_EQ(main.connection_string.value.reveal(), "postgres://app:hunter2@db/app");
    EXPECT_EQ(main.max_connections, 4U);
    EXPECT_EQ(main.min_connections, 1U);
    EXPECT_EQ(main.acquire_timeout, 250ms);
    EXPECT_EQ(main.max_lifetime, 24h);
    EXPECT_EQ(main.statement_timeout.value().value, 30s);
    EXPECT_EQ(main.ssl_mode.value().value, "verify-full");
    EXPECT_TRUE(main.read_only);
    ASSERT_EQ(main.driver_options.size(), 1U);
    EXPECT_EQ(main.driver_options[0].name.value, "application_name");
    EXPECT_EQ(shown(main.driver_options[0].text), "***");
    EXPECT_EQ(main.directory, source_root / "tests/unit/config/valid");
    EXPECT_EQ(loaded->adapters[1].connector.value, connector_kind::mysql);
    EXPECT_EQ(loaded->adapters[1].directory, source_root / "tests/unit/config/valid/parts");

    ASSERT_EQ(loaded->queries.size(), 2U);
    const query_config& query = loaded->queries[0];
    EXPECT_EQ(query.use.at(1).value, "replica");
    EXPECT_EQ(query.statement.value, "SELECT id\n  FROM users\n");
    EXPECT_THAT(query.statement.at(12).file, HasSubstr("parts/list.sql"));
    EXPECT_EQ(place(query.statement, 12), line_column(2, 3));
    EXPECT_EQ(query.effect.value().value, declared_effect::read);
    EXPECT_EQ(query.timeout, 5s);
    EXPECT_EQ(query.max_rows, 50U);
    EXPECT_TRUE(query.expose.rest);
    EXPECT_FALSE(query.expose.mcp);
    EXPECT_THAT(query.tags, ElementsAre("users", "lists"));
    EXPECT_TRUE(query.deprecated);
    ASSERT_EQ(query.inputs.size(), 6U);
    EXPECT_TRUE(query.inputs[0].array);
    EXPECT_EQ(query.inputs[0].type.value, value_type::integer);
    EXPECT_EQ(query.inputs[0].max_items.value().value, 10U);
    EXPECT_EQ(query.inputs[1].default_value.value().type, literal::kind::null);
    EXPECT_EQ(query.inputs[1].pattern.value().value, "[a-z]+");
    EXPECT_EQ(query.inputs[2].format.value().value, "email");
    EXPECT_EQ(query.inputs[3].default_value.value().text, "31");
    EXPECT_EQ(query.inputs[3].max.value().text, "150");
    EXPECT_EQ(query.inputs[4].allowed.at(1).text, "user");
    EXPECT_EQ(query.inputs[5].choices.at(1).word.value, "name");
    EXPECT_EQ(query.inputs[5].choices.at(1).fragment.value, "name ASC");
    EXPECT_EQ(query.data.at(0).map_to, "id");
    EXPECT_TRUE(query.data.at(0).redact);
}

TEST_F(loading, a_plain_statement_timeout_has_the_unit_of_its_database) {
    struct example {
        std::string_view connector;
        std::string_view written;
        milliseconds expected; // 0: an error
    };
    for (const auto& [connector, written, expected] : {
             example{"sqlite", "30", 30s},
             example{"mysql", "'1.5'", 1500ms},
             example{"sqlite", "86400", 24h},
             example{"sqlite", "86401", 0ms},
             example{"sqlite", "25h", 0ms},
             example{"postgres", "30000", 30s},
             example{"postgresql", "' 250 '", 250ms},
             example{"postgres", "'30 s'", 30s},
             example{"postgres", "250ms", 250ms},
             example{"postgres", "86400000", 24h},
             example{"postgres", "86400001", 0ms},
             example{"postgres", "86401s", 0ms},
             example{"postgres", "0", 0ms},
             example{"postgres", "0.5", 0ms},
         }) {
        found_ = {};
        const auto loaded = load_text(fmt::format(
            "name: app\nadapters:\n  db:\n    options: {{ statement_timeout: {} }}\n    connector: {}\n"
            "    connection_string: x\nqueries:\n  q: {{ use: db, description: d, statement: SELECT 1 }}\n",
            written,
            connector
        ));
        if (expected == 0ms) {
            EXPECT_FALSE(loaded) << connector << ": " << written;
            EXPECT_THAT(to_text(found_), HasSubstr(":4:35: error: adapter 'db'"));
        } else {
            ASSERT_TRUE(loaded) << to_text(found_);
            EXPECT_EQ(loaded->adapters[0].statement_timeout.value().value, expected)
                << connector << ": " << written;
        }
    }
}

TEST_F(loading, a_file_of_version_1_4_keeps_its_meaning) {
    const auto loaded = load(
        {.file = source_root / "tests/unit/config/valid/hyperterse-1-4.terse", .text = {}},
        {.variables = [](std::string_view) { return std::optional<std::string>("hunter2"); }},
        found_
    );
    ASSERT_TRUE(loaded) << to_text(found_);
    EXPECT_EQ(loaded->version, "1.0");
    EXPECT_EQ(loaded->bundle.out, "dist");
    EXPECT_EQ(loaded->server.listen.port, 8080);
    EXPECT_EQ(loaded->server.log_level, log::level::warn);
    EXPECT_EQ(loaded->adapters.at(0).max_connections, 5U);
    EXPECT_EQ(loaded->adapters.at(1).max_connections, 20U);
    const auto& options = loaded->adapters.at(0).driver_options;
    ASSERT_EQ(options.size(), 3U);
    EXPECT_EQ(options[1].text.value, "true");
    EXPECT_EQ(options[2].text.value, "1e6");
    const auto& inputs = loaded->queries.at(0).inputs;
    EXPECT_EQ(inputs.at(1).default_value.value().text, "20");
    EXPECT_EQ(inputs.at(2).default_value.value().text, "2024-01-01");
    EXPECT_EQ(inputs.at(3).default_value.value().text, "yes");
}

TEST_F(loading, aliases_and_merges_repeat_what_they_name) {
    const auto loaded =
        load({.file = source_root / "tests/unit/config/valid/anchors.terse", .text = {}}, options_, found_);
    ASSERT_TRUE(loaded) << to_text(found_);
    EXPECT_EQ(loaded->adapters.at(1).connection_string.value.reveal(), "y");
    EXPECT_EQ(loaded->adapters.at(1).max_connections, 3U);
    EXPECT_EQ(loaded->queries.at(1).description, "B.");
    EXPECT_EQ(loaded->queries.at(1).statement.value, "SELECT 1");
    EXPECT_THAT(loaded->queries.at(1).tags, ElementsAre("x"));
}

TEST_F(loading, a_byte_of_a_literal_block_has_its_line_and_column) {
    const located_text text = load_statement("|\n      SELECT *\n\n        FROM t\n      WHERE é = 1\n");
    ASSERT_EQ(text.value, "SELECT *\n\n  FROM t\nWHERE é = 1\n");
    EXPECT_EQ(place(text, 0), line_column(9, 7));
    EXPECT_EQ(place(text, 7), line_column(9, 14));
    EXPECT_EQ(place(text, 12), line_column(11, 9));
    EXPECT_EQ(place(text, text.value.find('=')), line_column(12, 16));
    EXPECT_EQ(text.where, text.at(0));
}

TEST_F(loading, a_literal_block_with_an_indicator_and_carriage_returns_is_exact_too) {
    const located_text text = load_statement("|2-\r\n        SELECT\r\n      1\r\n");
    ASSERT_EQ(text.value, "  SELECT\n1");
    EXPECT_EQ(place(text, 2), line_column(9, 9));
    EXPECT_EQ(place(text, 9), line_column(10, 7));
}

TEST_F(loading, a_byte_of_single_line_text_has_its_column) {
    EXPECT_EQ(place(load_statement("SELECT 1\n"), 7), line_column(8, 23));
    EXPECT_EQ(place(load_statement("'SELECT 1'\n"), 7), line_column(8, 24));
    EXPECT_EQ(place(load_statement("\"SELECT 1\"\n"), 7), line_column(8, 24));
}

TEST_F(loading, folded_and_escaped_text_has_the_place_of_its_start) {
    EXPECT_EQ(place(load_statement(">\n      SELECT\n      1\n"), 7), line_column(8, 16));
    EXPECT_EQ(place(load_statement("'it''s'\n"), 4), line_column(8, 16));
    EXPECT_EQ(place(load_statement("\"a\\tb\"\n"), 2), line_column(8, 16));
    EXPECT_EQ(place(load_statement("SELECT\n      1\n"), 7), line_column(8, 16));
}

TEST_F(loading, places_stay_exact_around_a_substitution) {
    const located_text text =
        load_statement("|\n      SELECT {{ env.REAL }}, b\n      FROM {{ env.REAL }}\n");
    ASSERT_EQ(text.value, "SELECT real, b\nFROM real\n");
    EXPECT_EQ(place(text, 0), line_column(9, 7));
    EXPECT_EQ(place(text, 7), line_column(9, 14));
    EXPECT_EQ(place(text, text.value.find(", b")), line_column(9, 28));
    EXPECT_EQ(place(text, text.value.find("FROM")), line_column(10, 7));
}

TEST_F(loading, dotenv_files_are_layers_below_the_real_environment) {
    write("beside/.env", "REAL=1\nA=beside\nB=beside\nC=beside\n");
    write("beside/.env.development", "B=development\nC=development\n");
    write("beside/.env.local", "C=local\n");
    write("here/.env.local", "A=here\nD=here\n");
    const auto file = write("beside/app.terse", "name: app\n");
    const environment lookup = layered_environment({.file = file, .text = {}}, options_, found_);
    EXPECT_EQ(to_text(found_), "");
    EXPECT_EQ(lookup("REAL"), "real");
    EXPECT_EQ(lookup("A"), "beside");
    EXPECT_EQ(lookup("B"), "development");
    EXPECT_EQ(lookup("C"), "local");
    EXPECT_EQ(lookup("D"), "here");
    EXPECT_EQ(lookup("E"), std::nullopt);
}

TEST_F(loading, a_dotenv_file_that_does_not_parse_is_passed_over_with_a_warning) {
    const auto env = write("here/.env", "A='open\n");
    std::string text = "name: app\nqueries: { q: { use: pg, description: d, statement: SELECT 1 } }";
    EXPECT_TRUE(load_text(text.append(adapters)));
    EXPECT_THAT(to_text(found_), HasSubstr(env.string() + ":1:3: warning: the closing quote is missing\n"));
}

TEST_F(loading, a_flag_or_number_may_come_from_a_variable) {
    write("here/.env", "FLAG=true\nCOUNT=7\n");
    std::string text = R"(name: app
server: { workers: "{{ env.COUNT }}" }
export: { clean_dir: "{{ env.FLAG }}" }
queries: { q: { use: pg, description: d, statement: SELECT 1 } })";
    const auto loaded = load_text(text.append(adapters));
    ASSERT_TRUE(loaded) << to_text(found_);
    EXPECT_EQ(loaded->server.workers, 7U);
    EXPECT_TRUE(loaded->bundle.clean_dir);
}

TEST_F(loading, lenient_turns_unknown_keys_into_warnings) {
    options_.lenient = true;
    std::string text =
        "name: app\nfuture: 1\nqueries: { q: { use: pg, description: d, statement: SELECT 1, x: 2 } }";
    EXPECT_TRUE(load_text(text.append(adapters)));
    EXPECT_EQ(found_.warning_count(), 2U);
    EXPECT_THAT(to_text(found_), HasSubstr("<source>:2:1: warning: unknown key 'future' is ignored\n"));
}

TEST_F(loading, files_that_cannot_be_read_are_named) {
    EXPECT_FALSE(load({.file = "no/such.terse", .text = {}}, options_, found_));
    EXPECT_FALSE(load({.file = directory_, .text = {}}, options_, found_));
    EXPECT_EQ(
        to_text(found_),
        directory_.string() +
            ": error: cannot be read: not a regular file\n"
            "no/such.terse: error: cannot be read: No such file or directory\n"
    );
}

TEST_F(loading, a_file_may_have_16_mebibytes_and_no_byte_more) {
    std::string text = "name: app\nqueries: { q: { use: pg, description: d, statement: SELECT 1 } }";
    text.append(adapters).append("#").append(16 * 1024 * 1024 - text.size(), 'x');
    ASSERT_EQ(text.size(), 16U * 1024 * 1024);
    EXPECT_TRUE(load({.file = write("large.terse", text), .text = {}}, options_, found_)) << to_text(found_);
    EXPECT_TRUE(load_text(text)) << to_text(found_);
    text += 'x';
    EXPECT_FALSE(load({.file = write("large.terse", text), .text = {}}, options_, found_));
    EXPECT_FALSE(load_text(text));
    EXPECT_THAT(to_text(found_), HasSubstr("<source>: error: larger than 16 MiB\n"));
}

TEST_F(loading, nesting_ends_at_100_levels) {
    const auto nested = [](std::size_t levels) {
        return "x: " + std::string(levels - 1, '[') + std::string(levels - 1, ']');
    };
    load_text(nested(100));
    EXPECT_THAT(to_text(found_), testing::Not(HasSubstr("nested deeper")));
    load_text(nested(101));
    EXPECT_THAT(to_text(found_), HasSubstr("nested deeper than 100 levels"));
}

TEST_F(loading, the_checked_in_schema_is_the_one_of_the_tables) {
    std::ostringstream text;
    text << std::ifstream(source_root / "schema/terse.schema.json").rdbuf();
    EXPECT_EQ(text.str(), json_schema())
        << "write the output of `hyperterse schema` to schema/terse.schema.json";
}

} // namespace
} // namespace hyperterse::config
