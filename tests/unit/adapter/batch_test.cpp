#include "adapter/batch.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace hyperterse::adapter {
namespace {

TEST(row_batch, is_empty_until_a_cell_is_pushed) {
    row_batch batch;
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.row_count(), 0U);
    batch.clear(1);
    EXPECT_TRUE(batch.empty());
    batch.push(cell::null());
    EXPECT_FALSE(batch.empty());
    EXPECT_EQ(batch.row_count(), 1U);
}

TEST(row_batch, gives_rows_of_the_width_that_it_was_cleared_to) {
    row_batch batch;
    batch.clear(2);
    for (std::int64_t number = 0; number < 6; ++number) {
        batch.push(cell::of(number));
    }
    ASSERT_EQ(batch.row_count(), 3U);
    ASSERT_EQ(batch.row(2).size(), 2U);
    EXPECT_EQ(batch.row(2)[0].integer, 4);
    EXPECT_EQ(batch.row(2)[1].integer, 5);
}

TEST(row_batch, keeps_copies_where_they_are_until_cleared) {
    row_batch batch;
    batch.clear(1);
    std::vector<std::string> originals;
    for (std::size_t length = 0; length < 5'000; length += 7) {
        originals.emplace_back(length, static_cast<char>('a' + length % 26));
        batch.push(cell::of(cell_kind::text, batch.copy(originals.back())));
    }
    originals.emplace_back(1'000'000, 'x');
    batch.push(cell::of(cell_kind::text, batch.copy(originals.back())));
    ASSERT_EQ(batch.row_count(), originals.size());
    for (std::size_t row = 0; row < originals.size(); ++row) {
        ASSERT_EQ(batch.row(row)[0].text, originals[row]);
    }
}

TEST(row_batch, counts_the_memory_of_its_rows) {
    row_batch batch;
    batch.clear(1);
    EXPECT_EQ(batch.byte_count(), 0U);
    batch.push(cell::of(cell_kind::bytes, batch.copy("12345")));
    EXPECT_EQ(batch.byte_count(), 5 + sizeof(cell));
    batch.clear(1);
    EXPECT_EQ(batch.byte_count(), 0U);
}

TEST(row_batch, can_be_refilled_after_a_huge_row) {
    row_batch batch;
    for (int round = 0; round < 3; ++round) {
        batch.clear(1);
        const std::string huge(300'000, static_cast<char>('a' + round));
        EXPECT_EQ(batch.copy(huge), huge);
        EXPECT_EQ(batch.copy("small"), "small");
        EXPECT_EQ(batch.copy(""), "");
    }
}

TEST(cell, holds_each_kind_of_value) {
    EXPECT_EQ(cell::null().kind, cell_kind::null);
    EXPECT_EQ(cell::of(true).kind, cell_kind::boolean);
    EXPECT_TRUE(cell::of(true).boolean);
    EXPECT_EQ(cell::of(std::int64_t{-1}).integer, -1);
    EXPECT_EQ(cell::of(0.5).floating, 0.5);
    EXPECT_EQ(cell::of(cell_kind::json, "{}").text, "{}");
}

} // namespace
} // namespace hyperterse::adapter
