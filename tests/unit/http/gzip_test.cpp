#include "http/gzip.hpp"

#include "gunzip.hpp"

#include <gtest/gtest.h>
#include <string>

namespace hyperterse::http {
namespace {

TEST(gzip, gives_back_what_was_compressed) {
    const std::string text(100'000, 'a');
    gzip_stream stream;
    std::string out;
    stream.append(text, gzip_stream::piece::last, out);
    EXPECT_LT(out.size(), 2000U);
    EXPECT_EQ(gunzip(out), text);
}

TEST(gzip, lets_the_reader_use_every_piece_at_once) {
    gzip_stream stream;
    std::string out;
    std::string text;
    for (int piece = 0; piece < 10; ++piece) {
        const std::string next = "piece " + std::to_string(piece) + std::string(5'000, 'x');
        text += next;
        stream.append(next, gzip_stream::piece::more, out);
        EXPECT_EQ(gunzip(out), text);
    }
    stream.append("", gzip_stream::piece::last, out);
    EXPECT_EQ(gunzip(out), text);
}

TEST(gzip, starts_anew_after_reset) {
    gzip_stream stream;
    std::string broken_off;
    stream.append("never finished", gzip_stream::piece::more, broken_off);
    stream.reset();
    std::string out;
    stream.append("next", gzip_stream::piece::last, out);
    EXPECT_EQ(gunzip(out), "next");
}

TEST(gzip, copes_with_bytes_that_do_not_shrink) {
    std::string text;
    unsigned state = 1;
    for (int index = 0; index < 300'000; ++index) {
        state = state * 1664525U + 1013904223U;
        text += static_cast<char>(state >> 24);
    }
    gzip_stream stream;
    std::string out;
    stream.append(text, gzip_stream::piece::last, out);
    EXPECT_EQ(gunzip(out), text);
}

} // namespace
} // namespace hyperterse::http
