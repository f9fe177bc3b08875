#include "adapter/postgres/settings.hpp"

#include "tests/adapter/support.hpp"

#include <cstdlib>
#include <gmock/gmock.h>

namespace hyperterse::adapter::postgres {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const location place{"app.terse", 3, 5};
const location option_place{"app.terse", 9, 7};

adapter_options options_of(std::string connection_string, std::vector<driver_option> driver = {}) {
    adapter_options options;
    options.connection_string = std::move(connection_string);
    options.directory = "/etc";
    options.driver = std::move(driver);
    return options;
}

driver_option option(std::string name, std::string text) {
    return {.name = std::move(name), .text = std::move(text), .where = option_place};
}

settings read(const adapter_options& options) {
    diagnostics found;
    settings understood = read_settings(options, place, found);
    EXPECT_TRUE(found.sorted().empty()) << to_text(found);
    return understood;
}

std::string problems(const adapter_options& options) {
    diagnostics found;
    read_settings(options, place, found);
    return to_text(found);
}

// Set as long as it lives.
class environment_variable {
public:
    environment_variable(const char* name, const std::string& value) : name_(name) {
        if (const char* const before = std::getenv(name)) {
            before_ = before;
        }
        ::setenv(name, value.c_str(), 1);
    }
    environment_variable(const environment_variable&) = delete;
    environment_variable& operator=(const environment_variable&) = delete;
    ~environment_variable() {
        if (before_) {
            ::setenv(name_, before_->c_str(), 1);
        } else {
            ::unsetenv(name_);
        }
    }

private:
    const char* name_;
    std::optional<std::string> before_;
};

// The values of the keywords, "host=… port=…".
std::string show(const parameters& all, std::initializer_list<std::string_view> keywords) {
    std::string shown;
    for (const std::string_view keyword : keywords) {
        shown += std::string(shown.empty() ? "" : " ") + std::string(keyword) + '=';
        shown += value_of(all, keyword);
    }
    return shown;
}

TEST(postgres_settings, understands_urls_and_key_value_text) {
    struct example {
        std::string connection_string;
        std::string expected;
    };
    for (const auto& [text, expected] : {
             example{"postgres://u:p@h:1/d", "host=h port=1 user=u password=p dbname=d"},
             example{"postgresql://u@h/d", "host=h port=5432 user=u password= dbname=d"},
             example{"postgres://u:p@a,b:2/d", "host=a,b port=,2 user=u password=p dbname=d"},
             example{"postgres://u:p@[::1]:7/d", "host=::1 port=7 user=u password=p dbname=d"},
             example{
                 "postgres://u:%2Fp%3F@%2Frun%2Fpg/d", "host=/run/pg port=5432 user=u password=/p? dbname=d"
             },
             example{"postgres://u:a@b@h/d", "host=h port=5432 user=u password=a@b dbname=d"},
             example{"postgres://u:a?b@h/d", "host=h port=5432 user=u password=a?b dbname=d"},
             example{
                 "postgres://u:p@/d?host=/run/pg&port=6", "host=/run/pg port=6 user=u password=p dbname=d"
             },
             example{"postgres://u:p@h?dbname=d%20e", "host=h port=5432 user=u password=p dbname=d e"},
             example{"postgres://u:p@h/d?password=a@b", "host=h port=5432 user=u password=a@b dbname=d"},
             example{"host=h user=u password=p dbname=d", "host=h port=5432 user=u password=p dbname=d"},
             example{"  host = h\tuser= u dbname =d ", "host=h port=5432 user=u password= dbname=d"},
             example{
                 "host=h user=u dbname='d e' password='a\\'b\\\\'",
                 "host=h port=5432 user=u password=a'b\\ dbname=d e"
             },
             example{
                 "host=h user=u dbname=d\\ e password=''", "host=h port=5432 user=u password= dbname=d e"
             },
             example{"host=a host=b user=u dbname=d", "host=b port=5432 user=u password= dbname=d"},
         }) {
        const settings understood = read(options_of(text));
        EXPECT_EQ(show(understood.connection, {"host", "port", "user", "password", "dbname"}), expected)
            << text;
    }
}

TEST(postgres_settings, refuses_other_connection_strings_without_showing_them) {
    for (const std::string_view wrong : {
             "mysql://u:s3cr3t@h/d",
             "s3cr3t",
             "host=h s3cr3t",
             "host=h password='s3cr3t",
             "host=h =s3cr3t",
             "postgres://u:s3cr3t%@h/d",
             "postgres://u:s3cr3t%zz@h/d",
             "postgres://u:s3cr3t@[::1/d",
             "postgres://u:s3cr3t@h/d?s3cr3t",
             "postgres://u:s3cr3t@h/d?a=%s3cr3t",
             "postgres://u:s3cr3t@h/d?a=%00",
             "postgres://u:s3cr3t@h:port/d",
             "postgres://u:s3cr3t@h:65536/d",
             "postgres://u:s3cr3t@h/d?port=0",
             "postgres://u:s3cr3t@a,b,c/d?port=1,2",
             "postgres://u:s3cr3t@a/d?hostaddr=127.0.0.1,127.0.0.2",
             "postgres://u:s3cr3t@h/d?sslmode=on",
             "postgres://u:s3cr3t@h/d?target_session_attrs=write",
             "postgres://u:s3cr3t@h/d?service=none-of-this-name",
             "postgres://u:s3cr3t@h/d?pipelin=off",
             "postgres://u:s3cr3t@h/d?pool_siz=4",
             "postgres://u:s3cr3t@h/d?max_connections=4",
             "postgres://u:s3cr3t@h/d?no%20name=1",
             "postgres://u:s3cr3t@h/d?DateStyle=German",
             "postgres://u:s3cr3t@h/d?statement_timeout=soon",
             "postgres://u:s3cr3t@h/d?sslrootcert=none.crt",
         }) {
        const std::string text = problems(options_of(std::string(wrong)));
        EXPECT_TRUE(text.starts_with("app.terse:3:5: error: ")) << wrong << ": " << text;
        EXPECT_THAT(text, Not(HasSubstr("s3cr3t"))) << wrong;
    }
    EXPECT_THAT(problems(options_of(std::string("host=h\0=x", 9))), HasSubstr("zero byte"));
}

TEST(postgres_settings, has_safe_defaults) {
    const settings understood = read(options_of("postgres://u:p@db.example.com/d"));
    EXPECT_EQ(
        show(
            understood.connection,
            {"application_name", "client_encoding", "sslmode", "gssencmode", "tcp_user_timeout"}
        ),
        "application_name=hyperterse client_encoding=UTF8 sslmode=require gssencmode=disable "
        "tcp_user_timeout=10000"
    );
    EXPECT_EQ(understood.prepared, std::nullopt);
    EXPECT_EQ(understood.pipeline, pipeline_mode::automatic);
    EXPECT_FALSE(understood.values.bigint_as_text);
    EXPECT_FALSE(understood.values.decimals_as_text);
    EXPECT_EQ(understood.target, "db.example.com:5432/d");
    EXPECT_FALSE(understood.secret);
    EXPECT_EQ(
        show(
            understood.session,
            {"DateStyle",
             "IntervalStyle",
             "bytea_output",
             "extra_float_digits",
             "standard_conforming_strings",
             "default_transaction_read_only",
             "TimeZone"}
        ),
        "DateStyle=ISO, YMD IntervalStyle=iso_8601 bytea_output=hex extra_float_digits=1 "
        "standard_conforming_strings=on default_transaction_read_only=on TimeZone=UTC"
    );
}

TEST(postgres_settings, encrypts_what_leaves_the_machine) {
    struct example {
        std::string connection_string;
        std::string_view sslmode;
    };
    for (const auto& [text, sslmode] : {
             example{"postgres://h/d", "require"},
             example{"postgres://localhost/d", "prefer"},
             example{"postgres://127.0.0.2/d", "prefer"},
             example{"postgres://[::1]/d", "prefer"},
             example{"postgres://192.0.2.1/d", "require"},
             example{"postgres://localhost.example.com/d", "require"},
             example{"postgres://localhost,h/d", "require"},
             example{"postgres://localhost/d?hostaddr=192.0.2.1", "require"},
             example{"postgres://h/d?hostaddr=127.0.0.1", "prefer"},
             example{"postgres:///d", "prefer"},
             example{"postgres:///d?host=/run/pg", "prefer"},
             example{"postgres://localhost/d?sslrootcert=/etc/hosts", "require"},
             example{"postgres://h/d?sslmode=prefer", "prefer"},
             example{"postgres://h/d?sslmode=allow", "allow"},
             example{"postgres://h/d?sslmode=disable", "disable"},
             example{"postgres://localhost/d?ssl=true", "require"},
             example{"postgres://h/d?sslmode=verify-full&sslrootcert=/etc/hosts", "verify-full"},
         }) {
        EXPECT_EQ(value_of(read(options_of(text)).connection, "sslmode"), sslmode) << text;
    }
}

TEST(postgres_settings, takes_the_common_options_of_tls_with_paths_relative_to_the_configuration) {
    adapter_options options = options_of("postgres://h/d?sslmode=disable");
    options.tls = {
        option("ssl_mode", "verify-ca"),
        option("ssl_ca", "hosts"),
        option("ssl_cert", "/etc/passwd"),
        option("ssl_key", "../etc/group"),
    };
    EXPECT_EQ(
        show(read(options).connection, {"sslmode", "sslrootcert", "sslcert", "sslkey"}),
        "sslmode=verify-ca sslrootcert=/etc/hosts sslcert=/etc/passwd sslkey=/etc/group"
    );
    options.tls[1].text = "none.crt";
    EXPECT_THAT(
        problems(options),
        HasSubstr("app.terse:9:7: error: option 'ssl_ca': /etc/none.crt cannot be read: No such file")
    );
    options.tls[1].secret = true;
    EXPECT_THAT(problems(options), Not(HasSubstr("none.crt")));
}

TEST(postgres_settings, verifies_by_the_authorities_of_the_system_unless_others_are_named) {
    const test::temporary_directory home;
    const std::filesystem::path authorities = home.write("authorities.crt", "");
    const environment_variable no_own("HOME", home.path().string());
    const environment_variable of_system("SSL_CERT_FILE", authorities.string());
    struct example {
        std::string connection_string;
        std::string expected;
    };
    for (const auto& [text, expected] : {
             example{
                 "postgres://h/d?sslmode=verify-full",
                 "sslmode=verify-full sslrootcert=" + authorities.string()
             },
             example{
                 "postgres://h/d?sslrootcert=system",
                 "sslmode=verify-full sslrootcert=" + authorities.string()
             },
             example{
                 "postgres://h/d?sslmode=verify-ca&sslrootcert=/etc/hosts",
                 "sslmode=verify-ca sslrootcert=/etc/hosts"
             },
             example{"postgres://h/d", "sslmode=require sslrootcert="},
         }) {
        EXPECT_EQ(show(read(options_of(text)).connection, {"sslmode", "sslrootcert"}), expected) << text;
    }
    std::filesystem::create_directory(home.path() / ".postgresql");
    home.write(".postgresql/root.crt", "");
    EXPECT_EQ(value_of(read(options_of("postgres://h/d?sslmode=verify-ca")).connection, "sslrootcert"), "");
}

TEST(postgres_settings, takes_every_option_of_its_own) {
    const settings understood = read(options_of(
        "postgres://h/d",
        {option("prepared_statements", "unnamed"),
         option("pipeline", "off"),
         option("bigint", "string"),
         option("decimals", "string")}
    ));
    EXPECT_EQ(understood.prepared, prepared_mode::unnamed);
    EXPECT_EQ(understood.pipeline, pipeline_mode::off);
    EXPECT_TRUE(understood.values.bigint_as_text);
    EXPECT_TRUE(understood.values.decimals_as_text);
    const settings plain = read(options_of(
        "postgres://h/d",
        {option("prepared_statements", "named"),
         option("pipeline", "auto"),
         option("bigint", "number"),
         option("decimals", "number")}
    ));
    EXPECT_EQ(plain.prepared, prepared_mode::named);
    EXPECT_EQ(plain.pipeline, pipeline_mode::automatic);
    EXPECT_FALSE(plain.values.bigint_as_text);
    EXPECT_FALSE(plain.values.decimals_as_text);
}

TEST(postgres_settings, says_what_is_wrong_with_an_option_at_its_place) {
    struct example {
        std::string name;
        std::string text;
        std::string message;
    };
    for (const auto& [name, text, message] : {
             example{"pipeline", "on", "option 'pipeline': 'on' is not one of: auto, off"},
             example{"prepared_statements", "", "'' is not one of: named, unnamed"},
             example{"bigint", "text", "'text' is not one of: number, string"},
             example{"decimals", "Number", "'Number' is not one of: number, string"},
             example{"perpared_statements", "named", "hint: did you mean 'prepared_statements'?"},
             example{"pipelines", "off", "hint: did you mean 'pipeline'?"},
             example{"max_connection", "4", "hint: did you mean 'max_connections'?"},
             example{"two words", "x", "neither an option nor the name of a setting"},
             example{"9lives", "x", "neither an option nor the name of a setting"},
             example{"x;drop", "x", "neither an option nor the name of a setting"},
             example{
                 "client_encoding", "LATIN1", "'client_encoding' cannot be set: the gateway speaks UTF-8"
             },
             example{"datestyle", "German", "'DateStyle' cannot be set"},
             example{"IntervalStyle", "postgres", "'IntervalStyle' cannot be set"},
             example{"bytea_output", "escape", "'bytea_output' cannot be set"},
             example{"extra_float_digits", "-15", "'extra_float_digits' cannot be set"},
             example{"standard_conforming_strings", "off", "'standard_conforming_strings' cannot be set"},
             example{"default_transaction_read_only", "off", "'effect'"},
             example{"transaction_read_only", "off", "'effect'"},
             example{"transaction_isolation", "serializable", "a transaction of its own"},
             example{"transaction_deferrable", "on", "a transaction of its own"},
             example{"replication", "database", "'replication' cannot be set"},
         }) {
        const std::string said = problems(options_of("postgres://h/d", {option(name, text)}));
        EXPECT_TRUE(said.starts_with("app.terse:9:7: error: option '" + name + "': ")) << said;
        EXPECT_THAT(said, HasSubstr(message));
    }
    driver_option hidden = option("pipeline", "s3cr3t");
    hidden.secret = true;
    EXPECT_THAT(problems(options_of("postgres://h/d", {hidden})), Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(
        problems(options_of("postgres://h/d", {option("role", std::string("a\0b", 3))})),
        HasSubstr("zero byte")
    );
}

TEST(postgres_settings, leaves_what_changes_nothing_alone) {
    const settings understood =
        read(options_of("postgres://h/d?client_encoding=utf8", {option("standard_conforming_strings", "on")})
        );
    EXPECT_EQ(value_of(understood.connection, "client_encoding"), "UTF8");
}

TEST(postgres_settings, says_what_has_no_effect_there) {
    EXPECT_THAT(
        problems(options_of("postgres://h/d?binary_parameters=yes")),
        HasSubstr("warning: 'binary_parameters' has no meaning here")
    );
    EXPECT_THAT(
        problems(options_of("postgres://h/d?min_connections=2")),
        HasSubstr("hint: write 'min_connections' as an option of the adapter")
    );
    EXPECT_THAT(
        problems(options_of("host=h connect_timeout=10")),
        HasSubstr("warning: 'connect_timeout' of the connection")
    );
}

TEST(postgres_settings, keeps_other_names_as_settings_of_the_session) {
    const settings understood = read(options_of(
        "postgres://h/d?search_path=a%2Cb&work_mem=8MB&role=reader",
        {option("Search_Path", "c, d"),
         option("lock_timeout", "2s"),
         option("idle_session_timeout", "0"),
         option("app.tenant", "x y"),
         option("TIMEZONE", "Europe/Paris"),
         option("application_name", "shop"),
         option("target_session_attrs", "read-write"),
         option("keepalives_idle", "7")}
    ));
    const parameters& session = understood.session;
    const parameters of_user(session.end() - 7, session.end());
    EXPECT_EQ(
        of_user,
        (parameters{
            {"work_mem", "8MB"},
            {"role", "reader"},
            {"Search_Path", "c, d"},
            {"lock_timeout", "2s"},
            {"idle_session_timeout", "0"},
            {"app.tenant", "x y"},
            {"TIMEZONE", "Europe/Paris"},
        })
    );
    EXPECT_EQ(value_of(session, "TimeZone"), "");
    EXPECT_EQ(
        show(understood.connection, {"application_name", "target_session_attrs", "keepalives_idle"}),
        "application_name=shop target_session_attrs=read-write keepalives_idle=7"
    );
}

TEST(postgres_settings, options_override_the_connection_string) {
    const settings understood = read(options_of(
        "postgres://u:p@h/d?sslmode=disable&application_name=a",
        {option("application_name", "b"), option("dbname", "e"), option("host", "i,j")}
    ));
    EXPECT_EQ(
        show(understood.connection, {"host", "dbname", "application_name"}),
        "host=i,j dbname=e application_name=b"
    );
    EXPECT_EQ(understood.target, "i,j:5432/e");
}

TEST(postgres_settings, limits_statements_by_the_option_or_behind_the_longest_call) {
    struct example {
        std::string connection_string;
        std::optional<std::chrono::milliseconds> option;
        std::chrono::milliseconds longest_call;
        std::chrono::milliseconds expected;
    };
    for (const auto& [text, chosen, longest_call, expected] : {
             example{"postgres://h/d", std::nullopt, 30s, 31s},
             example{"postgres://h/d", 5s, 30s, 5s},
             example{"postgres://h/d", 60s, 30s, 60s},
             example{"postgres://h/d?statement_timeout=250", std::nullopt, 30s, 250ms},
             example{"postgres://h/d?Statement_Timeout=2s", std::nullopt, 30s, 2s},
             example{"postgres://h/d?statement_timeout=2min", std::nullopt, 30s, 2min},
             example{"postgres://h/d?statement_timeout=0", std::nullopt, 30s, 31s},
             example{"postgres://h/d?statement_timeout=250", 5s, 30s, 5s},
             example{"postgres://h/d", std::nullopt, 1000h, 2'147'483'647ms},
         }) {
        adapter_options options = options_of(text);
        options.statement_timeout = chosen;
        options.longest_call = longest_call;
        const settings understood = read(options);
        EXPECT_EQ(understood.statement_timeout, expected) << text;
        EXPECT_EQ(value_of(understood.session, "statement_timeout"), std::to_string(expected.count()))
            << text;
        EXPECT_EQ(value_of(understood.session, "Statement_Timeout"), "");
    }
}

TEST(postgres_settings, asks_the_environment_and_service_files_where_nothing_is_written) {
    const test::temporary_directory directory;
    directory.write("services", "[shop]\nhost=from-service\nport=7\ndbname=shop\n");
    const environment_variable file("PGSERVICEFILE", (directory.path() / "services").string());
    const environment_variable user("PGUSER", "from-environment");
    const environment_variable mode("PGSSLMODE", "prefer");
    const settings by_service = read(options_of("service=shop"));
    EXPECT_EQ(
        show(by_service.connection, {"host", "port", "dbname", "user", "sslmode"}),
        "host=from-service port=7 dbname=shop user=from-environment sslmode=prefer"
    );
    const environment_variable host("PGHOST", "from-environment");
    const settings written = read(options_of("postgres://u@/d"));
    EXPECT_EQ(show(written.connection, {"host", "user"}), "host=from-environment user=u");
}

TEST(postgres_settings, shows_nothing_of_what_came_from_the_environment) {
    adapter_options options = options_of("postgres://u:p@h/d?sslmode=s3cr3t");
    options.secret = true;
    EXPECT_THAT(problems(options), Not(HasSubstr("s3cr3t")));
    options.connection_string = "postgres://u:p@s3cr3t/d";
    EXPECT_EQ(read(options).target, "***");
    driver_option host = option("host", "s3cr3t");
    host.secret = true;
    EXPECT_EQ(read(options_of("postgres://u:p@/d", {host})).target, "***");
}

} // namespace
} // namespace hyperterse::adapter::postgres
