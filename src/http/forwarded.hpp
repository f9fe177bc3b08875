#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hyperterse::http {

// A range of addresses. IPv4 is kept as its IPv4-mapped IPv6 form.
struct cidr {
    std::array<std::uint8_t, 16> network{};
    unsigned prefix = 0; // bits, of 128
};

// "10.0.0.0/8", "fd00::/8", or one address. nullopt: neither.
std::optional<cidr> parse_cidr(std::string_view text);

// The client's address: the peer's, or when the peer is a trusted proxy, the last address of X-Forwarded-For
// that is not trusted too. A part that is no address ends the search: the address before it is the answer.
// `forwarded_for`: the values of the headers, in order.
std::string client_address(
    std::string_view peer, std::span<const std::string_view> forwarded_for, std::span<const cidr> trusted
);

} // namespace hyperterse::http
