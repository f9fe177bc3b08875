#include "http/request_id.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace hyperterse::http {
namespace {

TEST(request_id, takes_over_only_sane_ids) {
    EXPECT_TRUE(is_sane_request_id("a"));
    EXPECT_TRUE(is_sane_request_id("Az09._-"));
    EXPECT_TRUE(is_sane_request_id(std::string(128, 'a')));
    for (const std::string& id :
         {std::string(),
          std::string(129, 'a'),
          std::string("a b"),
          std::string("a\"b"),
          std::string("é"),
          std::string("a\nb"),
          std::string("a/b")}) {
        EXPECT_FALSE(is_sane_request_id(id)) << id;
    }
}

TEST(request_id, is_different_every_time_and_sorts_by_time) {
    request_id_source source;
    std::set<std::string> seen;
    std::string id;
    for (int round = 0; round < 1000; ++round) {
        source.make(1'700'000'000'000, id);
        EXPECT_EQ(id.size(), 26U);
        EXPECT_TRUE(is_sane_request_id(id));
        EXPECT_TRUE(seen.insert(id).second);
    }
    std::string later;
    source.make(1'700'000'000'001, later);
    EXPECT_LT(*seen.rbegin(), later);
    EXPECT_EQ(later.substr(0, 10), "01HF7YAT01");
}

TEST(request_id, differs_between_sources) {
    std::string first;
    std::string second;
    request_id_source().make(1, first);
    request_id_source().make(1, second);
    EXPECT_NE(first, second);
}

TEST(request_id, reads_the_trace_id_of_a_traceparent) {
    const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    EXPECT_EQ(trace_id("00-" + trace + "-00f067aa0ba902b7-01"), trace);
    EXPECT_EQ(trace_id("cc-" + trace + "-00f067aa0ba902b7-01-later"), trace);
    for (const std::string& header :
         {std::string(),
          "00-" + trace,
          "00-" + trace + "-00f067aa0ba902b7-0",
          "00-" + trace + "-00f067aa0ba902b7-01-x",
          "ff-" + trace + "-00f067aa0ba902b7-01",
          "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01",
          "00-" + trace + "-" + std::string(16, '0') + "-01",
          "00-" + std::string(32, 'A') + "-00f067aa0ba902b7-01",
          "cc-" + trace + "-00f067aa0ba902b7-01x"}) {
        EXPECT_EQ(trace_id(header), "") << header;
    }
}

} // namespace
} // namespace hyperterse::http
