#include "app/settings.hpp"

#include <gtest/gtest.h>

namespace hyperterse::app {
namespace {

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
    const settings chosen = resolve(written, given);
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
    const settings chosen = resolve(written, {});
    EXPECT_EQ(chosen.host, "10.0.0.1");
    EXPECT_EQ(chosen.port, 9000);
    EXPECT_EQ(chosen.log.threshold, log::level::warn);
    EXPECT_EQ(chosen.log.style, log::format::json);
    EXPECT_EQ(chosen.workers, 3U);
}

TEST(settings, have_defaults) {
    const settings chosen = resolve({}, {});
    EXPECT_EQ(chosen.host, "0.0.0.0");
    EXPECT_EQ(chosen.port, 8080);
    EXPECT_EQ(chosen.log.threshold, log::level::info);
    EXPECT_EQ(chosen.log.style, log::format::text);
    EXPECT_GE(chosen.workers, 1U);
}

} // namespace
} // namespace hyperterse::app
