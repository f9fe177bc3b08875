#include "http/descriptors.hpp"

#include "test_client.hpp"
#include "test_server.hpp"

#include <array>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace hyperterse::http {
namespace {

constexpr std::string_view heartbeat = "GET /heartbeat HTTP/1.1\r\nHost: x\r\n\r\n";

rlimit limit_in_force() {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit;
}

TEST(descriptors, are_raised_to_what_the_system_allows) {
    const rlimit found = limit_in_force();
    const rlimit low{.rlim_cur = 64, .rlim_max = found.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_descriptor_limit(), found.rlim_max);
    EXPECT_EQ(limit_in_force().rlim_cur, found.rlim_max);
}

TEST(descriptors, leave_some_for_databases_and_files) {
    struct {
        std::size_t descriptors;
        std::size_t wanted;
        std::size_t served;
    } const cases[] = {
        {20'000, 10'000, 10'000},
        {10'256, 10'000, 10'000},
        {10'255, 10'000, 9'999},
        {1'024, 10'000, 768},
        {512, 10'000, 256},
        {511, 10'000, 256},
        {64, 10'000, 32},
        {64, 10, 10},
        {std::numeric_limits<std::size_t>::max(), 10'000, 10'000},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(connections_within(each.descriptors, each.wanted), each.served) << each.descriptors;
    }
}

// A server in a process of its own, which may open only 64 descriptors.
class confined_server {
public:
    confined_server() {
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, link_.data()), 0);
        process_ = ::fork();
        if (process_ == 0) {
            ::_exit(serve(link_[1], link_[0]));
        }
        ::close(link_[1]);
        EXPECT_EQ(::read(link_[0], &port_, sizeof port_), ssize_t{sizeof port_});
    }
    ~confined_server() {
        ::close(link_[0]);
        int status = -1;
        EXPECT_EQ(::waitpid(process_, &status, 0), process_);
        EXPECT_EQ(status, 0);
    }
    confined_server(const confined_server&) = delete;
    confined_server& operator=(const confined_server&) = delete;

    std::uint16_t port() const { return port_; }

private:
    // Until the other end of the link closes.
    static int serve(int link, int unused) {
        const rlimit low{.rlim_cur = 64, .rlim_max = 64};
        if (::setrlimit(RLIMIT_NOFILE, &low) != 0 || ::close(unused) != 0) {
            return 1;
        }
        const test_server server;
        const std::uint16_t port = server.port();
        char end = 0;
        const bool told = ::write(link, &port, sizeof port) == ssize_t{sizeof port};
        return told && ::read(link, &end, 1) == 0 ? 0 : 1;
    }

    std::array<int, 2> link_{};
    pid_t process_ = -1;
    std::uint16_t port_ = 0;
};

TEST(descriptors, bound_the_connections_so_that_clients_over_them_are_told) {
    testing::internal::CaptureStderr();
    {
        const confined_server server;
        std::vector<std::unique_ptr<test_client>> clients;
        for (int count = 0; count < 32; ++count) {
            clients.push_back(std::make_unique<test_client>(server.port()));
            clients.back()->send(heartbeat);
            EXPECT_EQ(clients.back()->receive().status, 200U);
        }
        test_client one_more(server.port());
        EXPECT_EQ(one_more.receive().status, 503U);
    }
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("connections=32 descriptors=64"));
}

} // namespace
} // namespace hyperterse::http
