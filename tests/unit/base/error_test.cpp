#include "base/error.hpp"

#include "base/result.hpp"

#include <gtest/gtest.h>
#include <set>
#include <type_traits>
#include <variant>

namespace hyperterse {
namespace {

static_assert(!std::is_convertible_v<private_detail, public_message>);
static_assert(!std::is_constructible_v<public_message, private_detail>);
static_assert(!std::is_constructible_v<error, errc, private_detail>);

TEST(errc_table, has_names_that_are_unique_and_statuses_that_are_errors) {
    std::set<std::string_view> names;
    for (const errc_info& row : errc_table) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_GE(row.http_status, 400U) << row.name;
        EXPECT_LT(row.http_status, 600U) << row.name;
        EXPECT_LT(row.jsonrpc_code, 0) << row.name;
    }
}

TEST(errc_table, says_for_each_code_what_the_caller_can_do) {
    EXPECT_EQ(info(errc::invalid_input).http_status, 400U);
    EXPECT_EQ(info(errc::timeout).http_status, 504U);
    EXPECT_EQ(info(errc::unavailable).http_status, 503U);
    EXPECT_TRUE(info(errc::overloaded).retryable);
    EXPECT_FALSE(info(errc::internal).retryable);
    EXPECT_EQ(info(errc::conflict).name, "conflict");
}

TEST(error, names_the_first_refused_input_and_keeps_all) {
    const error refused =
        error::invalid_inputs({{"userId", "required input 'userId' is missing"}, {"b", "x"}});
    EXPECT_EQ(refused.code(), errc::invalid_input);
    EXPECT_EQ(
        refused.message(),
        "input validation failed: validation error for field 'userId': required input 'userId' is missing"
    );
    ASSERT_EQ(refused.fields().size(), 2U);
    EXPECT_EQ(refused.fields()[1].field, "b");
}

TEST(error, carries_when_to_try_again) {
    const error busy = error{errc::overloaded, public_message{"busy"}, private_detail{"pool"}}.retry_after(
        std::chrono::seconds(2)
    );
    EXPECT_EQ(busy.retry_after(), std::chrono::seconds(2));
    EXPECT_EQ(busy.detail().for_log(), "pool");
}

TEST(result, throws_when_the_value_of_an_error_is_asked_for) {
    const result<int> failed = error{errc::internal, public_message{"broken"}};
    EXPECT_FALSE(failed.has_value());
    EXPECT_THROW(static_cast<void>(failed.value()), std::bad_variant_access);
}

TEST(result, gives_its_error_away_without_copying) {
    result<int> failed = error{errc::internal, public_message{std::string(100, 'x')}};
    const char* text = failed.error().message().data();
    const error moved = std::move(failed).error();
    EXPECT_EQ(moved.message().data(), text);
}

TEST(result, of_nothing_succeeds_by_default) {
    const result<void> fine;
    EXPECT_TRUE(fine.has_value());
    const result<void> failed = error{errc::timeout, public_message{"late"}};
    EXPECT_EQ(failed.error().code(), errc::timeout);
}

} // namespace
} // namespace hyperterse
