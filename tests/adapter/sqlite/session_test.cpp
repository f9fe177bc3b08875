#include "adapter/sqlite/session.hpp"

#include "adapter/blocking.hpp"

#include <gtest/gtest.h>

namespace hyperterse::adapter::sqlite {
namespace {

struct fixture {
    blocking_threads threads{1};
    settings options;
    result<database_handle> opened = create_database("file:/session-test?vfs=memdb");
    session tested{threads, std::move(*opened), options};
    call_context context{deadline::never(), {}};
    session::call call{tested, context};
};

TEST(session, prepares_one_statement_and_nothing_else) {
    fixture test;
    for (const std::string_view good :
         {"SELECT 1", "SELECT 1;", "SELECT 1 ; ; -- end\n", "/* a */ SELECT 1 /* b */"}) {
        EXPECT_TRUE(test.tested.prepare(good)) << good;
    }
    for (const std::string_view bad :
         {"", " ", ";", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1; x", "SELECT"}) {
        const auto refused = test.tested.prepare(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code(), errc::internal);
        EXPECT_FALSE(refused.error().detail().empty());
    }
}

TEST(session, gives_the_same_prepared_statement_for_the_same_text) {
    fixture test;
    const auto first = test.tested.prepare("SELECT 1 -- with a comment behind");
    const auto second = test.tested.prepare("SELECT 2");
    ASSERT_TRUE(first && second);
    EXPECT_NE(*first, *second);
    EXPECT_EQ(*test.tested.prepare("SELECT 1 -- with a comment behind"), *first);
}

TEST(session, is_not_usable_when_a_transaction_stays_open) {
    fixture test;
    const auto begin = test.tested.prepare("BEGIN");
    ASSERT_TRUE(begin);
    EXPECT_EQ(sqlite3_step((*begin)->handle.get()), SQLITE_DONE);
    EXPECT_TRUE(test.tested.usable());
    test.tested.reset(**begin);
    EXPECT_FALSE(test.tested.usable());
}

} // namespace
} // namespace hyperterse::adapter::sqlite
