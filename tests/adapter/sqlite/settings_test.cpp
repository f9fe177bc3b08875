#include "adapter/sqlite/settings.hpp"

#include "base/text.hpp"

#include <gtest/gtest.h>

namespace hyperterse::adapter::sqlite {
namespace {

using namespace std::chrono_literals;

adapter_options options_of(std::string connection_string, std::vector<driver_option> driver = {}) {
    adapter_options options;
    options.connection_string = std::move(connection_string);
    options.directory = "/etc/app";
    options.driver = std::move(driver);
    return options;
}

settings read(const adapter_options& options) {
    diagnostics found;
    settings understood = read_settings(options, {"app.terse", 3, 5}, found);
    EXPECT_FALSE(found.has_errors()) << to_text(found);
    return understood;
}

std::string problems(const adapter_options& options) {
    diagnostics found;
    read_settings(options, {"app.terse", 3, 5}, found);
    return to_text(found);
}

TEST(sqlite_settings, finds_the_file_in_every_form_of_connection_string) {
    struct example {
        std::string connection_string;
        std::string file;
    };
    for (const auto& [connection_string, file] : {
             example{"sqlite:data.db", "/etc/app/data.db"},
             example{"sqlite:sub/data.db", "/etc/app/sub/data.db"},
             example{"sqlite:/abs/data.db", "/abs/data.db"},
             example{"sqlite:///abs/data.db", "/abs/data.db"},
             example{"data.db", "/etc/app/data.db"},
             example{"./data.db", "/etc/app/./data.db"},
             example{"/abs/data.db", "/abs/data.db"},
             example{"what?.db", "/etc/app/what?.db"},
             example{"file:data.db", "/etc/app/data.db"},
             example{"file:/abs/data.db?mode=rw", "/abs/data.db"},
             example{"file:///abs/da%20ta.db", "/abs/da ta.db"},
             example{"file:100%25.db", "/etc/app/100%.db"},
             example{"100%.db", "/etc/app/100%.db"},
             example{":memory:", ""},
             example{"sqlite::memory:", ""},
             example{"file::memory:", ""},
             example{"file:any?mode=memory", ""},
         }) {
        EXPECT_EQ(read(options_of(connection_string)).file, file) << connection_string;
    }
}

TEST(sqlite_settings, refuses_other_connection_strings) {
    for (const std::string_view wrong : {
             "",
             "postgres://host/db",
             "sqlite:",
             "sqlite:dir/",
             "sqlite://data.db",
             "sqlite://host/data.db",
             "file:data.db?mode=rwc",
             "file:data.db?cache=shared",
             "file:data.db?vfs=unix-none",
             "file:data.db?unknown=1",
             "file:100%.db",
         }) {
        const std::string text = problems(options_of(std::string(wrong)));
        EXPECT_TRUE(text.starts_with("app.terse:3:5: error: ")) << wrong << ": " << text;
    }
}

TEST(sqlite_settings, takes_parameters_of_a_uri) {
    const settings understood = read(options_of("file:data.db?mode=ro&immutable=1&nolock=1"));
    EXPECT_TRUE(understood.read_only);
    EXPECT_EQ(understood.uri_parameters, "immutable=1&nolock=1");
}

TEST(sqlite_settings, has_no_tls) {
    adapter_options options = options_of("data.db");
    options.tls = {{.name = "ssl_mode", .text = "require", .where = {"app.terse", 9, 7}}};
    EXPECT_EQ(problems(options), "app.terse:9:7: error: option 'ssl_mode': a database file has no TLS\n");
}

TEST(sqlite_settings, has_safe_defaults) {
    const settings understood = read(options_of("data.db"));
    EXPECT_EQ(understood.journal_mode, "wal");
    EXPECT_EQ(understood.synchronous, "normal");
    EXPECT_EQ(understood.busy_timeout, 5s);
    EXPECT_EQ(understood.max_value_size, 64 * 1024 * 1024);
    EXPECT_TRUE(understood.foreign_keys);
    EXPECT_FALSE(understood.read_only);
    EXPECT_FALSE(understood.bigint_as_text);
    EXPECT_TRUE(understood.extensions.empty());
    EXPECT_TRUE(understood.attached.empty());
}

TEST(sqlite_settings, takes_every_option) {
    const settings understood = read(options_of(
        "data.db",
        {{"attach", "other=other.db, third=/abs/third.db", {}},
         {"bigint", "string", {}},
         {"busy_timeout", "250ms", {}},
         {"cache_size", "-8000", {}},
         {"extensions", "ext/one.so,/abs/two.so", {}},
         {"foreign_keys", "off", {}},
         {"init", "schema.sql", {}},
         {"journal_mode", "DELETE", {}},
         {"max_page_count", "100", {}},
         {"max_value_size", "1KiB", {}},
         {"mmap_size", "268435456", {}},
         {"synchronous", "full", {}}}
    ));
    ASSERT_EQ(understood.attached.size(), 2U);
    EXPECT_EQ(understood.attached[0].name, "other");
    EXPECT_EQ(understood.attached[0].file, "/etc/app/other.db");
    EXPECT_EQ(understood.attached[1].file, "/abs/third.db");
    EXPECT_TRUE(understood.bigint_as_text);
    EXPECT_EQ(understood.busy_timeout, 250ms);
    EXPECT_EQ(understood.cache_size, -8000);
    ASSERT_EQ(understood.extensions.size(), 2U);
    EXPECT_EQ(understood.extensions[0], "/etc/app/ext/one.so");
    EXPECT_FALSE(understood.foreign_keys);
    EXPECT_EQ(understood.init, "/etc/app/schema.sql");
    EXPECT_EQ(understood.journal_mode, "delete");
    EXPECT_EQ(understood.max_page_count, 100);
    EXPECT_EQ(understood.max_value_size, 1024);
    EXPECT_EQ(understood.mmap_size, 268'435'456);
    EXPECT_EQ(understood.synchronous, "full");
}

TEST(sqlite_settings, reports_bad_options_where_they_stand) {
    const location where{"app.terse", 9, 7};
    for (const auto& [name, text] : {
             std::pair{"attach", "nameless.db"},
             std::pair{"attach", "bad name=x.db"},
             std::pair{"attach", "1st=x.db"},
             std::pair{"attach", ""},
             std::pair{"bigint", "text"},
             std::pair{"busy_timeout", "5 minutes"},
             std::pair{"busy_timeout", "-5s"},
             std::pair{"busy_timeout", "1441m"},
             std::pair{"busy_timeout", "99999999999999999999s"},
             std::pair{"cache_size", "2MB"},
             std::pair{"cache_size", ""},
             std::pair{"extensions", " , "},
             std::pair{"foreign_keys", "maybe"},
             std::pair{"init", ""},
             std::pair{"journal_mode", "wal; DROP TABLE x"},
             std::pair{"max_page_count", "0"},
             std::pair{"max_value_size", "1023"},
             std::pair{"max_value_size", "1000000001"},
             std::pair{"max_value_size", "big"},
             std::pair{"mmap_size", "-1"},
             std::pair{"synchronous", "2"},
         }) {
        const std::string found = problems(options_of("data.db", {{name, text, where}}));
        const std::string expected = "app.terse:9:7: error: option '" + std::string(name) + "': ";
        EXPECT_TRUE(found.starts_with(expected)) << name << "=" << text << ": " << found;
    }
    EXPECT_EQ(problems(options_of("data.db", {{"busy_timeout", "1440m", where}})), "");
}

TEST(sqlite_settings, suggests_the_option_that_was_meant) {
    const std::string found = problems(options_of("data.db", {{"journal_mod", "wal", {"app.terse", 9, 7}}}));
    EXPECT_TRUE(found.starts_with("app.terse:9:7: error: unknown option 'journal_mod' of a sqlite adapter\n")
    );
    EXPECT_NE(found.find("did you mean 'journal_mode'? known options: attach, bigint,"), std::string::npos);
}

TEST(sqlite_settings, refuses_to_create_a_read_only_database) {
    adapter_options options = options_of("data.db", {{"init", "schema.sql", {}}});
    options.read_only = true;
    EXPECT_NE(problems(options), "");
    options.connection_string = ":memory:";
    EXPECT_EQ(problems(options), "");
}

TEST(sqlite_settings, writes_any_path_as_a_uri) {
    EXPECT_EQ(file_uri("/plain/data-1.db", ""), "file:/plain/data-1.db");
    EXPECT_EQ(file_uri("/a b/?#%/\xC3\xA9.db", "immutable=1"), "file:/a%20b/%3f%23%25/%c3%a9.db?immutable=1");
}

} // namespace
} // namespace hyperterse::adapter::sqlite
