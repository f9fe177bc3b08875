#include "app/settings.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>

namespace hyperterse::app {
namespace {

config::environment environment_of(std::map<std::string, std::string, std::less<>> variables) {
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto set = variables.find(name);
        return set == variables.end() ? std::nullopt : std::optional(set->second);
    };
}

const config::environment some_variables = environment_of({{"HOST", "10.9.9.9"}, {"PORT", "7070"}});

TEST(settings, come_from_the_command_line_first) {
    config::server_config written;
    written.listen = {.host = "10.0.0.1", .port = 1};
    written.log_level = log::level::error;
    written.log_format = log::format::text;
    written.workers = 2;
    const overrides given{
        .host = "127.0.0.1",
        .port = 0,
        .log_level = log::level::debug,
        .log_format = log::format::json,
        .workers = 7,
    };
    const settings chosen = resolve(written, given, some_variables).value();
    EXPECT_EQ(chosen.host, "127.0.0.1");
    EXPECT_EQ(chosen.port, 0);
    EXPECT_EQ(chosen.log.threshold, log::level::debug);
    EXPECT_EQ(chosen.log.style, log::format::json);
    EXPECT_EQ(chosen.workers, 7U);
}

TEST(settings, come_from_the_configuration_next) {
    config::server_config written;
    written.listen = {.host = "10.0.0.1", .port = 9000};
    written.log_level = log::level::warn;
    written.log_format = log::format::json;
    written.workers = 3;
    const settings chosen = resolve(written, {}, some_variables).value();
    EXPECT_EQ(chosen.host, "10.0.0.1");
    EXPECT_EQ(chosen.port, 9000);
    EXPECT_EQ(chosen.log.threshold, log::level::warn);
    EXPECT_EQ(chosen.log.style, log::format::json);
    EXPECT_EQ(chosen.workers, 3U);
}

TEST(settings, take_address_and_port_from_the_environment_then) {
    const settings chosen = resolve({}, {}, some_variables).value();
    EXPECT_EQ(chosen.host, "10.9.9.9");
    EXPECT_EQ(chosen.port, 7070);
}

TEST(settings, count_an_empty_variable_as_unset) {
    const settings chosen = resolve({}, {}, environment_of({{"HOST", ""}, {"PORT", ""}})).value();
    EXPECT_EQ(chosen.host, "0.0.0.0");
    EXPECT_EQ(chosen.port, 8080);
}

TEST(settings, refuse_a_port_of_the_environment_that_is_none_where_it_is_needed) {
    overrides given;
    given.port = std::uint16_t{1};
    for (const char* const port : {"abc", "-1", "65536", "80 80", " 80", "8080x"}) {
        const auto variables = environment_of({{"PORT", port}});
        const auto refused = resolve({}, {}, variables);
        ASSERT_FALSE(refused) << port;
        EXPECT_NE(refused.error().message().find("PORT"), std::string::npos);
        EXPECT_EQ(resolve({}, given, variables).value().port, 1);
    }
}

TEST(settings, have_defaults) {
    const settings chosen = resolve({}, {}, environment_of({})).value();
    EXPECT_EQ(chosen.host, "0.0.0.0");
    EXPECT_EQ(chosen.port, 8080);
    EXPECT_EQ(chosen.log.threshold, log::level::info);
    EXPECT_EQ(chosen.log.style, log::format::text);
    EXPECT_GE(chosen.workers, 1U);
}

} // namespace
} // namespace hyperterse::app
