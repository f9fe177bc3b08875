#include "http/descriptors.hpp"

#include <algorithm>
#include <limits>
#include <sys/resource.h>

namespace hyperterse::http {

namespace {

// For databases and files; of a small limit, half.
constexpr std::size_t reserved = 256;

} // namespace

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return std::numeric_limits<std::size_t>::max();
    }
    const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

std::size_t connections_within(std::size_t descriptors, std::size_t wanted) {
    return std::min(wanted, descriptors - std::min(reserved, descriptors / 2));
}

} // namespace hyperterse::http
