#pragma once

#include <array>
#include <string>
#include <string_view>
#include <zlib.h>

namespace hyperterse::http {

// What the compressed bytes give so far; empty when they are not gzip.
inline std::string gunzip(std::string_view compressed) {
    std::string input(compressed);
    std::string text;
    z_stream zlib{};
    if (inflateInit2(&zlib, 15 + 16) != Z_OK) {
        return text;
    }
    zlib.next_in = reinterpret_cast<Bytef*>(input.data());
    zlib.avail_in = static_cast<uInt>(input.size());
    int outcome = Z_OK;
    while (outcome == Z_OK) {
        std::array<char, 4096> piece;
        zlib.next_out = reinterpret_cast<Bytef*>(piece.data());
        zlib.avail_out = piece.size();
        outcome = inflate(&zlib, Z_SYNC_FLUSH);
        text.append(piece.data(), piece.size() - zlib.avail_out);
    }
    inflateEnd(&zlib);
    return text;
}

} // namespace hyperterse::http
