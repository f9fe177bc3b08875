#include "adapter/postgres/resolve.hpp"

#include "tests/adapter/support.hpp"

#include <atomic>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <latch>
#include <map>

namespace hyperterse::adapter::postgres {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;
using addresses = result<std::vector<std::string>>;

// Not a name server: what it knows, at once.
addresses known_host(const std::string& host) {
    const std::map<std::string, std::vector<std::string>> known{
        {"a", {"10.0.0.1"}},
        {"b", {"10.0.0.2", "fd00::2"}},
    };
    const auto found = known.find(host);
    if (found == known.end()) {
        return error{errc::unavailable, public_message{"unavailable"}, private_detail{host + " is unknown"}};
    }
    return found->second;
}

addresses no_host(const std::string& host) {
    ADD_FAILURE() << "looks up " << host;
    return std::vector<std::string>();
}

result<parameters>
resolve(const parameters& given, const host_lookup& lookup, const call_context& context = test::patiently()) {
    asio::io_context worker{1};
    return test::run(worker, resolve_hosts(given, context, lookup));
}

// What is looked up by the name "stuck" hangs until the end of the test, other hosts do not.
class stuck_name_server {
public:
    ~stuck_name_server() {
        release_.count_down();
        while (asked_ != answered_) {
            std::this_thread::yield();
        }
    }
    host_lookup lookup() {
        return [this](const std::string& host) {
            if (host != "stuck") {
                return known_host(host);
            }
            ++asked_;
            release_.wait();
            ++answered_;
            return addresses(std::vector<std::string>{"10.0.0.9"});
        };
    }
    std::size_t asked() const { return asked_; }

private:
    std::latch release_{1};
    std::atomic<std::size_t> asked_ = 0;
    std::atomic<std::size_t> answered_ = 0;
};

TEST(postgres_resolve, leaves_what_needs_no_look_up_alone) {
    for (const parameters& given : {
             parameters{},
             parameters{{"dbname", "d"}},
             parameters{{"host", ""}},
             parameters{{"host", "/run/postgresql"}, {"port", "5433"}},
             parameters{{"host", "@abstract"}},
             parameters{{"host", "10.0.0.1,fd00::1,fe80::1%lo"}, {"port", "1,2,3"}},
             parameters{{"host", "name"}, {"hostaddr", "10.0.0.1"}},
             parameters{{"hostaddr", "10.0.0.1,10.0.0.2"}},
         }) {
        const result<parameters> resolved = resolve(given, no_host);
        ASSERT_TRUE(resolved);
        EXPECT_EQ(*resolved, given);
    }
}

TEST(postgres_resolve, gives_every_address_an_entry_with_the_name_of_its_host) {
    struct example {
        parameters given;
        parameters expected;
    };
    for (const auto& [given, expected] : {
             example{
                 {{"host", "a"}, {"dbname", "d"}},
                 {{"host", "a"}, {"dbname", "d"}, {"hostaddr", "10.0.0.1"}, {"port", ""}},
             },
             example{
                 {{"host", "b"}, {"port", "7"}},
                 {{"host", "b,b"}, {"port", "7,7"}, {"hostaddr", "10.0.0.2,fd00::2"}},
             },
             example{
                 {{"host", "b,a"}, {"port", "1,2"}},
                 {{"host", "b,b,a"}, {"port", "1,1,2"}, {"hostaddr", "10.0.0.2,fd00::2,10.0.0.1"}},
             },
             example{
                 {{"host", "a,/run/pg,10.1.1.1,b"}, {"port", "1,,3,4"}},
                 {
                     {"host", "a,/run/pg,10.1.1.1,b,b"},
                     {"port", "1,,3,4,4"},
                     {"hostaddr", "10.0.0.1,,,10.0.0.2,fd00::2"},
                 },
             },
             example{
                 {{"host", "x,a"}, {"hostaddr", "10.9.9.9,"}, {"port", "1"}},
                 {{"host", "x,a"}, {"hostaddr", "10.9.9.9,10.0.0.1"}, {"port", "1,1"}},
             },
             example{
                 {{"host", "none,a"}, {"port", "1,2"}},
                 {{"host", "a"}, {"port", "2"}, {"hostaddr", "10.0.0.1"}},
             },
         }) {
        const result<parameters> resolved = resolve(given, known_host);
        ASSERT_TRUE(resolved);
        EXPECT_EQ(*resolved, expected);
    }
}

TEST(postgres_resolve, says_which_hosts_cannot_be_found) {
    const result<parameters> resolved = resolve({{"host", "none,neither"}}, known_host);
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code(), errc::unavailable);
    EXPECT_EQ(resolved.error().detail().for_log(), "none is unknown; neither is unknown");
    EXPECT_EQ(resolved.error().message(), "the database is unavailable");
}

TEST(postgres_resolve, ends_at_its_deadline_though_the_look_up_does_not) {
    stuck_name_server names;
    const call_context hurried{deadline::in(std::chrono::milliseconds{50}), {}};
    const result<parameters> resolved = resolve({{"host", "stuck"}}, names.lookup(), hurried);
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code(), errc::timeout);
    EXPECT_THAT(resolved.error().detail().for_log(), HasSubstr("cannot find the host \"stuck\""));
}

TEST(postgres_resolve, ends_when_stop_is_requested) {
    stuck_name_server names;
    std::stop_source stopping;
    test::worker_thread worker;
    const call_context stoppable{deadline::never(), stopping.get_token()};
    auto running = worker.start(resolve_hosts({{"host", "stuck"}}, stoppable, names.lookup()));
    while (names.asked() == 0) {
        std::this_thread::yield();
    }
    stopping.request_stop();
    const result<parameters> resolved = running.get();
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code(), errc::cancelled);
    const result<parameters> too_late = resolve({{"host", "a"}}, no_host, stoppable);
    ASSERT_FALSE(too_late);
    EXPECT_EQ(too_late.error().code(), errc::cancelled);
}

TEST(postgres_resolve, goes_on_with_the_other_hosts_when_one_look_up_hangs) {
    stuck_name_server names;
    const call_context half_a_second{deadline::in(std::chrono::milliseconds{500}), {}};
    const result<parameters> resolved = resolve({{"host", "stuck,a"}}, names.lookup(), half_a_second);
    ASSERT_TRUE(resolved) << resolved.error().detail().for_log();
    EXPECT_EQ(value_of(*resolved, "host"), "a");
    EXPECT_EQ(value_of(*resolved, "hostaddr"), "10.0.0.1");
}

TEST(postgres_resolve, a_look_up_may_outlive_the_worker) {
    stuck_name_server names;
    std::optional<result<parameters>> never;
    {
        asio::io_context worker{1};
        auto resolving = resolve_hosts({{"host", "stuck"}}, test::patiently(), names.lookup());
        asio::co_spawn(worker, test::store(std::move(resolving), never), asio::detached);
        while (names.asked() == 0) {
            worker.poll();
        }
    }
    EXPECT_FALSE(never);
}

TEST(postgres_resolve, finds_this_machine_by_its_name) {
    const addresses local = look_up_host("localhost");
    ASSERT_TRUE(local);
    EXPECT_THAT(*local, IsSupersetOf({"127.0.0.1"}));
    const addresses none = look_up_host("not a name");
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().detail().for_log(), HasSubstr("cannot find the host \"not a name\": "));
}

} // namespace
} // namespace hyperterse::adapter::postgres
