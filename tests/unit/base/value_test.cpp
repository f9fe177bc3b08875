#include "base/value.hpp"

#include <gtest/gtest.h>

namespace hyperterse {
namespace {

TEST(value_type, has_a_name_that_reads_back) {
    for (std::size_t index = 0; index <= static_cast<std::size_t>(value_type::choice); ++index) {
        const auto type = static_cast<value_type>(index);
        EXPECT_EQ(parse_value_type(name(type)), type) << name(type);
    }
    EXPECT_EQ(name(value_type::integer), "int");
    EXPECT_EQ(name(value_type::floating), "float");
}

TEST(value_type, is_not_read_from_other_words) {
    for (const std::string_view word : {"", "integer", "Int", "int ", "int[]", "bool"}) {
        EXPECT_FALSE(parse_value_type(word)) << word;
    }
}

TEST(value, is_null_only_without_anything_in_it) {
    EXPECT_TRUE(is_null(value()));
    EXPECT_FALSE(is_null(value(false)));
    EXPECT_FALSE(is_null(value(std::string())));
    EXPECT_FALSE(is_null(value(scalar_array())));
}

} // namespace
} // namespace hyperterse
