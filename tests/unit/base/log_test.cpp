#include "base/log.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace hyperterse::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// Lines of one run of the log, started and stopped as the program does. One at a time: the log is global.
template <class Write>
std::string logged(const options& chosen, Write write_lines) {
    testing::internal::CaptureStderr();
    start(chosen);
    write_lines();
    stop();
    return testing::internal::GetCapturedStderr();
}

TEST(log, reads_levels_by_name_and_by_number) {
    EXPECT_EQ(parse_level("error"), level::error);
    EXPECT_EQ(parse_level("WARN"), level::warn);
    EXPECT_EQ(parse_level("3"), level::info);
    EXPECT_EQ(parse_level("4"), level::debug);
    for (const char* word : {"", "0", "5", "warning", "33", " info"}) {
        EXPECT_FALSE(parse_level(word)) << word;
    }
}

TEST(log, writes_text_lines_with_time_level_tag_and_fields) {
    const std::string lines = logged({.threshold = level::info}, [] {
        warn("pool", "connection lost", {{"adapter", "pg"}, {"after_ms", std::int64_t{12}}, {"again", true}});
    });
    EXPECT_THAT(
        lines,
        MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z   W   pool: connection lost "
                     "adapter=pg after_ms=12 again=true\n")
    );
}

TEST(log, keeps_what_is_above_the_threshold_to_itself) {
    const std::string lines = logged({.threshold = level::warn}, [] {
        info("main", "hidden");
        debug("main", "hidden");
        error("main", "shown");
        EXPECT_FALSE(enabled(level::info));
        EXPECT_TRUE(enabled(level::warn));
    });
    EXPECT_THAT(lines, EndsWith("E   main: shown\n"));
    EXPECT_THAT(lines, Not(HasSubstr("hidden")));
}

TEST(log, lets_no_text_forge_a_second_line) {
    const auto forge = [] {
        error("a\nb", "x\r\ny\x1b[0m", {{"path", "/a b\n/c"}, {"plain", "q\x01r"}, {"empty", ""}});
    };
    const std::string text = logged({}, forge);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_THAT(text, HasSubstr(R"(a\x0ab: x\x0d\x0ay\x1b[0m path="/a b\n/c" plain=q\x01r empty="")"));
    const std::string json = logged({.style = format::json}, forge);
    EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
}

TEST(log, writes_one_json_object_a_line) {
    const std::string lines = logged({.style = format::json}, [] {
        info("http", "say \"hi\"", {{"ms", 1.5}, {"rows", std::int64_t{2}}, {"ok", false}, {"who", "a b"}});
    });
    EXPECT_THAT(lines, testing::StartsWith(R"({"time":")"));
    EXPECT_THAT(
        lines,
        EndsWith(
            R"("level":"info","tag":"http","message":"say \"hi\"","ms":1.5,"rows":2,"ok":false,"who":"a b"})"
            "\n"
        )
    );
}

TEST(log, takes_fields_that_are_chosen_one_by_one) {
    const std::vector<field> chosen{{"a", "b"}, {"n", std::int64_t{1}}};
    const std::string lines = logged({}, [&] { write(level::info, "t", "m", chosen); });
    EXPECT_THAT(lines, EndsWith("t: m a=b n=1\n"));
}

TEST(log, quotes_a_field_that_could_be_read_as_another_field) {
    const std::string lines = logged({}, [] { info("t", "m", {{"name", "a=b"}, {"quote", "a\"b"}}); });
    EXPECT_THAT(lines, HasSubstr(R"(name="a=b" quote="a\"b")"));
}

} // namespace
} // namespace hyperterse::log
