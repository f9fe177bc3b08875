#include "http/negotiation.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace hyperterse::http {
namespace {

using gateway::row_format;

request with(std::string_view name, std::vector<std::string_view> values) {
    request asked;
    for (const std::string_view value : values) {
        asked.headers.push_back({name, value});
    }
    return asked;
}

TEST(negotiation, picks_the_format_that_the_client_likes_best) {
    struct {
        std::vector<std::string_view> accept;
        std::optional<row_format> format;
    } const cases[] = {
        {{}, row_format::json},
        {{""}, row_format::json},
        {{"*/*"}, row_format::json},
        {{"application/json"}, row_format::json},
        {{"APPLICATION/JSON; charset=utf-8"}, row_format::json},
        {{"application/*"}, row_format::json},
        {{"text/*"}, row_format::csv},
        {{"text/csv"}, row_format::csv},
        {{"application/x-ndjson"}, row_format::ndjson},
        {{"application/json;q=0.5, text/csv"}, row_format::csv},
        {{"application/json;q=0.5", "text/csv;q=0.9"}, row_format::csv},
        {{"text/csv;q=0.9, application/x-ndjson;q=0.91"}, row_format::ndjson},
        {{"text/csv, application/json"}, row_format::json},
        {{"application/json;q=0, */*"}, row_format::ndjson},
        {{"application/*;q=0, */*;q=0.1"}, row_format::csv},
        {{"*/*;q=0.1, text/html"}, row_format::json},
        {{"text/html;x=\"a,application/json\", text/csv"}, row_format::csv},
        {{"text/html"}, std::nullopt},
        {{"application/json;q=0"}, std::nullopt},
        {{"application/json;q=2"}, std::nullopt},
        {{"application/json;q=x"}, std::nullopt},
        {{"*/*;q=0"}, std::nullopt},
        {{"application/xml, image/*"}, std::nullopt},
        {{"\"\\"}, std::nullopt},
    };
    for (const auto& [accept, format] : cases) {
        EXPECT_EQ(negotiate_format(with("Accept", accept)), format)
            << (accept.empty() ? "no header" : accept.front());
    }
}

TEST(negotiation, compresses_only_when_asked) {
    struct {
        std::vector<std::string_view> accept;
        bool gzip;
    } const cases[] = {
        {{}, false},
        {{""}, false},
        {{"gzip"}, true},
        {{"GZIP"}, true},
        {{"deflate, gzip;q=0.5"}, true},
        {{"br", "gzip"}, true},
        {{"gzip;q=0"}, false},
        {{"gzip; q=0.000"}, false},
        {{"*"}, true},
        {{"*;q=0"}, false},
        {{"gzip;q=0, *"}, false},
        {{"identity"}, false},
        {{"identity, gzip;q=0.5"}, false},
        {{"br, deflate"}, false},
    };
    for (const auto& [accept, gzip] : cases) {
        EXPECT_EQ(accepts_gzip(with("accept-encoding", accept)), gzip)
            << (accept.empty() ? "no header" : accept.front());
    }
}

TEST(negotiation, knows_json_bodies) {
    for (const char* const type :
         {"application/json",
          "Application/JSON",
          "application/json; charset=utf-8",
          "application/json;charset=\"UTF-8\"",
          "application/json; profile=x",
          "application/json;"}) {
        EXPECT_TRUE(is_json(type)) << type;
    }
    for (const char* const type :
         {"",
          "text/plain",
          "application/jsonx",
          "application/x-www-form-urlencoded",
          "multipart/form-data",
          "application/json; charset=latin1",
          "application/json, text/plain",
          "text/plain; application/json"}) {
        EXPECT_FALSE(is_json(type)) << type;
    }
}

} // namespace
} // namespace hyperterse::http
