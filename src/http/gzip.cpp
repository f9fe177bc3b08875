#include "http/gzip.hpp"

#include <limits>
#include <new>
#include <stdexcept>
#include <zlib.h>

namespace hyperterse::http {

namespace {

constexpr int level = 1; // what it saves over the network, without costing more than the query
constexpr int gzip_window_bits = 15 + 16;
constexpr int memory_level = 8;

} // namespace

struct gzip_stream::state {
    z_stream zlib{};

    state() {
        if (deflateInit2(&zlib, level, Z_DEFLATED, gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~state() { deflateEnd(&zlib); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;
};

gzip_stream::gzip_stream() : state_(std::make_unique<state>()) {}
gzip_stream::~gzip_stream() = default;

void gzip_stream::reset() {
    deflateReset(&state_->zlib);
}

void gzip_stream::append(std::string_view text, piece which, std::string& out) {
    z_stream& zlib = state_->zlib;
    if (text.size() > std::numeric_limits<uInt>::max()) {
        throw std::length_error("gzip_stream::append: piece too large");
    }
    // zlib reads only, but its interface has no const.
    zlib.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
    zlib.avail_in = static_cast<uInt>(text.size());
    const int flush = which == piece::last ? Z_FINISH : Z_SYNC_FLUSH;
    do {
        const std::size_t used = out.size();
        const std::size_t room = text.size() / 2 + 1024;
        out.resize(used + room);
        zlib.next_out = reinterpret_cast<Bytef*>(out.data() + used);
        zlib.avail_out = static_cast<uInt>(room);
        deflate(&zlib, flush);
        out.resize(used + room - zlib.avail_out);
    } while (zlib.avail_out == 0);
}

} // namespace hyperterse::http
