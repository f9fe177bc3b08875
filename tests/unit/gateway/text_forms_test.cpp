#include "gateway/text_forms.hpp"

#include <gtest/gtest.h>
#include <string>

namespace hyperterse::gateway {
namespace {

TEST(read_datetime, accepts_what_upstream_accepts) {
    for (const std::string_view text :
         {"2024-01-15T10:30:00Z",
          "2024-01-15T10:30:00+02:00",
          "2024-01-15T10:30:00-11:59",
          "2024-01-15T10:30:00.123456789Z",
          "2024-01-15T10:30:00,5Z",
          "2024-01-15T9:30:00Z",
          "2024-01-15 10:30:00",
          "2024-01-15 9:30:00",
          "2024-01-15 10:30:00.25",
          "2024-01-15",
          "2024-02-29",
          "0000-01-01",
          "9999-12-31T23:59:59Z"}) {
        EXPECT_TRUE(read_datetime(text)) << text;
    }
}

TEST(read_datetime, refuses_what_upstream_refuses) {
    for (const std::string_view text :
         {"",
          "2024-01-15T10:30:00",
          "2024-01-15T10:30:00+0200",
          "2024-01-15T10:30:00+02",
          "2024-01-15 10:30:00Z",
          "2024-01-15 10:30:00+02:00",
          "20240115",
          "2024-01-15T10:30Z",
          "2024-01-15T24:00:00Z",
          "2024-01-15T10:60:00Z",
          "2024-01-15T10:30:60Z",
          "2024-01-15T10:30:00.Z",
          "2024-01-15T10:30:00+24:00",
          "2024-01-15T10:30:00+02:60",
          "2024-01-15t10:30:00Z",
          "2024-01-15T10:30:00z",
          "2024-02-30",
          "2023-02-29",
          "1900-02-29",
          "2024-13-01",
          "2024-00-01",
          "2024-01-00",
          "2024-1-15",
          "-2024-01-15",
          " 2024-01-15",
          "2024-01-15 ",
          "2024-01-15T",
          "now"}) {
        EXPECT_FALSE(read_datetime(text)) << text;
    }
    EXPECT_FALSE(read_datetime("2024-01-15T10:30:00." + std::string(100, '1') + "Z"));
}

TEST(read_datetime, compares_points_in_time_across_zones_and_fractions) {
    const auto at = [](std::string_view text) { return *read_datetime(text); };
    EXPECT_EQ(at("2024-01-15T10:30:00Z"), at("2024-01-15T12:30:00+02:00"));
    EXPECT_EQ(at("2024-01-15T10:30:00Z"), at("2024-01-15 10:30:00.000"));
    EXPECT_EQ(at("2024-01-15"), at("2024-01-15T00:00:00Z"));
    EXPECT_LT(at("2024-01-15T10:30:00.1Z"), at("2024-01-15T10:30:00.11Z"));
    EXPECT_LT(at("2024-01-15T10:30:00.09Z"), at("2024-01-15T10:30:00.1Z"));
    EXPECT_LT(at("2024-01-15T23:59:59.999Z"), at("2024-01-16"));
    EXPECT_EQ(at("1970-01-02").seconds, 86'400);
    EXPECT_LT(at("1969-12-31").seconds, 0);
}

TEST(read_date, accepts_days_of_the_calendar_only) {
    EXPECT_TRUE(read_date("2024-02-29"));
    for (const std::string_view text :
         {"2023-02-29", "2024-02-30", "2024-01-15T00:00:00Z", "2024-01-15 ", "", "2024"}) {
        EXPECT_FALSE(read_date(text)) << text;
    }
}

TEST(is_uuid, accepts_the_canonical_form_in_any_case) {
    EXPECT_TRUE(is_uuid("123e4567-e89b-12d3-a456-426614174000"));
    EXPECT_TRUE(is_uuid("123E4567-E89B-12D3-A456-426614174000"));
    for (const std::string_view text :
         {"",
          "123e4567e89b12d3a456426614174000",
          "{123e4567-e89b-12d3-a456-426614174000}",
          "123e4567-e89b-12d3-a456-42661417400",
          "123e4567-e89b-12d3-a456-4266141740000",
          "g23e4567-e89b-12d3-a456-426614174000",
          "123e4567-e89b-12d3-a456_426614174000"}) {
        EXPECT_FALSE(is_uuid(text)) << text;
    }
}

TEST(is_email, follows_the_html_standard) {
    for (const std::string_view text :
         {"a@b", "first.last+tag@sub.example.com", "x!#$%&'*+/=?^_`{|}~-@e-x.org"}) {
        EXPECT_TRUE(is_email(text)) << text;
    }
    for (const std::string_view text :
         {"",
          "@b",
          "a@",
          "a",
          "a@b@c",
          "a b@c",
          "a@b..c",
          "a@.b",
          "a@-b.c",
          "a@b-.c",
          "a@b.",
          "a@b\n",
          "\"q\"@b",
          "é@b"}) {
        EXPECT_FALSE(is_email(text)) << text;
    }
    EXPECT_TRUE(is_email("a@" + std::string(63, 'b')));
    EXPECT_FALSE(is_email("a@" + std::string(64, 'b')));
    EXPECT_TRUE(is_email(std::string(252, 'a') + "@b"));
    EXPECT_FALSE(is_email(std::string(253, 'a') + "@b"));
}

TEST(is_uri, wants_a_scheme_and_the_characters_of_rfc_3986) {
    for (const std::string_view text :
         {"https://example.com/a?b=c#d",
          "urn:isbn:0451450523",
          "mailto:a@b",
          "http://[::1]:80/%41",
          "a+b-c.d:x"}) {
        EXPECT_TRUE(is_uri(text)) << text;
    }
    for (const std::string_view text :
         {"",
          ":",
          "https:",
          "/relative",
          "example.com",
          "1http://x",
          "http://a b",
          "http://x/%4",
          "http://x/%zz",
          "http://é",
          "http://x\n"}) {
        EXPECT_FALSE(is_uri(text)) << text;
    }
}

} // namespace
} // namespace hyperterse::gateway
