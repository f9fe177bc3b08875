#include "http/forwarded.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace hyperterse::http {
namespace {

TEST(forwarded, parses_addresses_and_ranges) {
    for (const char* const text :
         {"10.0.0.0/8", "10.0.0.1", "0.0.0.0/0", "::/0", "fd00::/8", "::1", "::ffff:10.0.0.1"}) {
        EXPECT_TRUE(parse_cidr(text)) << text;
    }
    for (const char* const text :
         {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "10.0.0/8", "/8"}) {
        EXPECT_FALSE(parse_cidr(text)) << text;
    }
}

TEST(forwarded, believes_only_trusted_proxies) {
    const std::vector<cidr> trusted{
        parse_cidr("10.0.0.0/9").value(), parse_cidr("192.168.1.1").value(), parse_cidr("fd00::/8").value()
    };
    struct {
        const char* peer;
        std::vector<std::string_view> forwarded_for;
        const char* client;
    } const cases[] = {
        {"10.1.1.1", {}, "10.1.1.1"},
        {"10.1.1.1", {"1.2.3.4"}, "1.2.3.4"},
        {"10.127.255.255", {"1.2.3.4"}, "1.2.3.4"},
        {"10.128.0.0", {"1.2.3.4"}, "10.128.0.0"},
        {"192.168.1.2", {"1.2.3.4"}, "192.168.1.2"},
        {"10.1.1.1", {"6.6.6.6, 1.2.3.4"}, "1.2.3.4"},
        {"10.1.1.1", {"1.2.3.4, 10.2.2.2 , 192.168.1.1"}, "1.2.3.4"},
        {"10.1.1.1", {"6.6.6.6", "1.2.3.4, 10.2.2.2"}, "1.2.3.4"},
        {"10.1.1.1", {"10.2.2.2, 10.3.3.3"}, "10.2.2.2"},
        {"10.1.1.1", {"1.2.3.4, unknown"}, "10.1.1.1"},
        {"10.1.1.1", {"1.2.3.4,, 10.2.2.2"}, "10.2.2.2"},
        {"10.1.1.1", {""}, "10.1.1.1"},
        {"fd00::1", {"2001:db8::1"}, "2001:db8::1"},
        {"::ffff:10.1.1.1", {"1.2.3.4"}, "1.2.3.4"},
        {"", {"1.2.3.4"}, ""},
    };
    for (const auto& [peer, forwarded_for, client] : cases) {
        EXPECT_EQ(client_address(peer, forwarded_for, trusted), client) << peer;
    }
    const std::vector<std::string_view> header{"1.2.3.4"};
    EXPECT_EQ(client_address("10.1.1.1", header, {}), "10.1.1.1");
}

} // namespace
} // namespace hyperterse::http
