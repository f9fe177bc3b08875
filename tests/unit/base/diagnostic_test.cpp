#include "base/diagnostic.hpp"

#include <gtest/gtest.h>

namespace hyperterse {
namespace {

TEST(diagnostics, are_sorted_by_place_and_keep_the_order_of_reporting_at_one_place) {
    diagnostics found;
    found.error({"b.terse", 1, 1}, "third");
    found.error({"a.terse", 9, 1}, "second");
    found.warning({"a.terse", 2, 8}, "first");
    found.error({"a.terse", 9, 1}, "second again");
    ASSERT_EQ(found.sorted().size(), 4U);
    EXPECT_EQ(found.sorted()[0].message, "first");
    EXPECT_EQ(found.sorted()[1].message, "second");
    EXPECT_EQ(found.sorted()[2].message, "second again");
    EXPECT_EQ(found.sorted()[3].message, "third");
}

TEST(diagnostics, count_errors_apart_from_warnings) {
    diagnostics found;
    EXPECT_FALSE(found.has_errors());
    found.warning({"a", 1, 1}, "w");
    EXPECT_FALSE(found.has_errors());
    EXPECT_EQ(found.warning_count(), 1U);
    found.error({"a", 1, 1}, "e");
    EXPECT_TRUE(found.has_errors());
    EXPECT_EQ(found.error_count(), 1U);
    EXPECT_EQ(found.warning_count(), 1U);
}

TEST(diagnostics, are_printed_in_the_form_of_a_compiler_with_their_hints) {
    diagnostics found;
    found.error({"c.terse", 27, 10}, "adapter 'pgg' is not defined", "did you mean 'pg'?");
    found.warning({"c.terse", 31, 5}, "input 'limit' is never used");
    found.error({"c.terse", 0, 0}, "cannot be read");
    EXPECT_EQ(
        to_text(found),
        "c.terse: error: cannot be read\n"
        "c.terse:27:10: error: adapter 'pgg' is not defined\n"
        "  hint: did you mean 'pg'?\n"
        "c.terse:31:5: warning: input 'limit' is never used\n"
    );
}

TEST(diagnostics, are_one_line_of_json) {
    diagnostics found;
    EXPECT_EQ(to_json(found), "{\"valid\":true,\"diagnostics\":[]}\n");
    found.warning({"c \"1\".terse", 2, 3}, "tab\there");
    found.error({"d", 1, 1}, "e", "h");
    EXPECT_EQ(
        to_json(found),
        R"({"valid":false,"diagnostics":[)"
        R"({"file":"c \"1\".terse","line":2,"column":3,"severity":"warning","message":"tab\there"},)"
        R"({"file":"d","line":1,"column":1,"severity":"error","message":"e","hint":"h"}]})"
        "\n"
    );
}

} // namespace
} // namespace hyperterse
