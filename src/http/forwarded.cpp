#include "http/forwarded.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <ranges>

namespace hyperterse::http {

namespace {

namespace ip = boost::asio::ip;
using address_bytes = std::array<std::uint8_t, 16>;

std::optional<ip::address> parse_address(std::string_view text) {
    boost::system::error_code failure;
    const ip::address parsed = ip::make_address(std::string(text), failure);
    return failure ? std::nullopt : std::optional(parsed);
}

address_bytes to_bytes(const ip::address& address) {
    const ip::address_v6 six =
        address.is_v6() ? address.to_v6() : ip::make_address_v6(ip::v4_mapped, address.to_v4());
    const auto bytes = six.to_bytes();
    address_bytes copied;
    std::ranges::copy(bytes, copied.begin());
    return copied;
}

bool contains(const cidr& range, const address_bytes& address) {
    for (unsigned bit = 0; bit < range.prefix; bit += 8) {
        const unsigned kept = std::min(8U, range.prefix - bit);
        const unsigned mask = (0xFF00U >> kept) & 0xFFU;
        if (((range.network[bit / 8] ^ address[bit / 8]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

bool is_trusted(const ip::address& address, std::span<const cidr> trusted) {
    const address_bytes bytes = to_bytes(address);
    return std::ranges::any_of(trusted, [&](const cidr& range) { return contains(range, bytes); });
}

// Takes the last element off a comma-separated list.
std::string_view take_last(std::string_view& list) {
    const std::size_t comma = list.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
    list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
    return trim(last);
}

} // namespace

std::optional<cidr> parse_cidr(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    const unsigned bits = address->is_v4() ? 32 : 128;
    unsigned prefix = bits;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || prefix > bits) {
            return std::nullopt;
        }
    }
    return cidr{.network = to_bytes(*address), .prefix = 128 - bits + prefix};
}

std::string client_address(
    std::string_view peer, std::span<const std::string_view> forwarded_for, std::span<const cidr> trusted
) {
    auto nearest = parse_address(peer);
    if (!nearest) {
        return std::string(peer);
    }
    for (std::string_view list : std::views::reverse(forwarded_for)) {
        while (!list.empty() && is_trusted(*nearest, trusted)) {
            const auto before = parse_address(take_last(list));
            if (!before) {
                return nearest->to_string();
            }
            nearest = before;
        }
    }
    return nearest->to_string();
}

} // namespace hyperterse::http
