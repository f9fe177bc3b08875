#include "base/base64.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace hyperterse {
namespace {

struct base64_case {
    std::string_view bytes;
    std::string_view encoded;
};

TEST(base64, matches_the_vectors_of_rfc_4648) {
    const base64_case cases[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xFB\xFF\xBF", "+/+/"},
    };
    for (const auto& [bytes, expected] : cases) {
        std::string out = "=";
        append_base64(out, bytes);
        EXPECT_EQ(out, "=" + std::string(expected));
    }
}

} // namespace
} // namespace hyperterse
