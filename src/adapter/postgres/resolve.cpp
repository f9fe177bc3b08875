#include "adapter/postgres/resolve.hpp"

#include "adapter/interruption.hpp"
#include "adapter/postgres/rendezvous.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

using found_addresses = result<std::vector<std::string>>;

// One server of the list.
struct entry {
    std::string host;
    std::string address;
    std::string port;

    bool needs_lookup() const;
};

bool entry::needs_lookup() const {
    const bool socket = host.empty() || host.starts_with('/') || host.starts_with('@');
    boost::system::error_code no_address;
    asio::ip::make_address(host, no_address);
    return address.empty() && !socket && no_address;
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t comma = list.find(',');
        parts.emplace_back(list.substr(0, comma));
        if (comma == std::string_view::npos) {
            return parts;
        }
        list.remove_prefix(comma + 1);
    }
}

// As libpq: as many as there are addresses, or else hosts; a single port, or none, is that of all.
std::vector<entry> entries_of(const parameters& given) {
    const auto hosts = split(value_of(given, "host"));
    const auto addresses = split(value_of(given, "hostaddr"));
    const auto ports = split(value_of(given, "port"));
    std::vector<entry> entries(std::max(hosts.size(), addresses.size()));
    for (std::size_t index = 0; index < entries.size(); ++index) {
        entries[index] = {
            .host = index < hosts.size() ? hosts[index] : std::string(),
            .address = index < addresses.size() ? addresses[index] : std::string(),
            .port = ports[index < ports.size() ? index : 0],
        };
    }
    return entries;
}

void assign_entries(parameters& to, const std::vector<entry>& entries) {
    struct row {
        std::string_view keyword;
        std::string entry::* part;
    };
    for (const auto& [keyword, part] :
         {row{"host", &entry::host}, row{"hostaddr", &entry::address}, row{"port", &entry::port}}) {
        std::string list;
        for (const entry& each : entries) {
            list += &each == entries.data() ? "" : ",";
            list += each.*part;
        }
        assign(to, keyword, std::move(list));
    }
}

error not_found(std::string detail) {
    return error{
        errc::unavailable, public_message{"the database is unavailable"}, private_detail{std::move(detail)}
    }.retry_after(std::chrono::seconds{1});
}

// What the threads that look up share with the caller, who may leave before they end.
class lookups {
public:
    lookups(const executor& worker, std::size_t count) :
        bell_(std::make_shared<rendezvous>(worker)), answers_(count), missing_(count) {}

    // By the threads.
    void answer(std::size_t index, found_addresses found) {
        std::unique_lock held(mutex_);
        answers_[index] = std::move(found);
        --missing_;
        const bool complete = missing_ == 0;
        held.unlock();
        if (complete) {
            bell_->wake();
        }
    }
    std::vector<std::optional<found_addresses>> answers() const {
        const std::lock_guard held(mutex_);
        return answers_;
    }
    const std::shared_ptr<rendezvous>& bell() const { return bell_; }

private:
    const std::shared_ptr<rendezvous> bell_; // rung when all are answered
    mutable std::mutex mutex_;               // guards what follows
    std::vector<std::optional<found_addresses>> answers_;
    std::size_t missing_;
};

void begin(
    const std::shared_ptr<lookups>& shared, const host_lookup& lookup, std::size_t index, std::string host
) {
    const auto look = [shared, lookup, index, host = std::move(host)] {
        shared->answer(index, lookup(host));
    };
    try {
        std::thread(look).detach();
    } catch (const std::system_error& no_thread) {
        shared->answer(index, not_found(no_thread.what()));
    }
}

// Half of the time that is left: a name server that does not answer for one host must not cost the others.
deadline patience_of(const call_context& context) {
    const auto now = steady_clock::now();
    return {now + (context.until.at - now) / 2};
}

struct answered_entries {
    std::vector<entry> usable;
    std::string reasons; // of those that are not
    bool complete = true;
};

answered_entries joined_answers(const std::vector<entry>& entries, const lookups& shared) {
    answered_entries joined;
    const auto answers = shared.answers();
    auto next = answers.begin();
    for (const entry& each : entries) {
        if (!each.needs_lookup()) {
            joined.usable.push_back(each);
            continue;
        }
        const std::optional<found_addresses>& answer = *next++;
        joined.complete = joined.complete && answer.has_value();
        if (!answer || !*answer) {
            joined.reasons += joined.reasons.empty() ? "" : "; ";
            joined.reasons += answer
                ? answer->error().detail().for_log()
                : fmt::format("cannot find the host \"{}\": no answer in time", each.host);
            continue;
        }
        for (const std::string& address : **answer) {
            joined.usable.push_back({.host = each.host, .address = address, .port = each.port});
        }
    }
    return joined;
}

error failure_of(const answered_entries& joined, const call_context& context) {
    if (!context.interrupted()) {
        return not_found(joined.reasons);
    }
    const error why = interruption(context);
    return {why.code(), public_message{why.message()}, private_detail{joined.reasons}};
}

} // namespace

result<std::vector<std::string>> look_up_host(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* answer = nullptr;
    const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &answer);
    const std::string reason =
        failed == EAI_SYSTEM ? std::generic_category().message(errno) : ::gai_strerror(failed);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(answer, &::freeaddrinfo);
    if (failed != 0) {
        return not_found(fmt::format("cannot find the host \"{}\": {}", host, reason));
    }
    std::vector<std::string> addresses;
    for (const addrinfo* each = answer; each != nullptr; each = each->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(
                each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST
            ) == 0) {
            addresses.emplace_back(text.data());
        }
    }
    return addresses;
}

task<result<parameters>> resolve_hosts(parameters given, call_context context, host_lookup lookup) {
    const executor worker = co_await asio::this_coro::executor;
    const std::vector<entry> entries = entries_of(given);
    const auto count = static_cast<std::size_t>(std::ranges::count_if(entries, &entry::needs_lookup));
    if (count == 0) {
        co_return given;
    }
    if (context.interrupted()) {
        co_return interruption(context);
    }
    const auto shared = std::make_shared<lookups>(worker, count);
    const leaving left_at_the_end(shared->bell().get());
    std::size_t begun = 0;
    for (const entry& each : entries) {
        if (each.needs_lookup()) {
            begin(shared, lookup, begun++, each.host);
        }
    }
    co_await rendezvous::wait(shared->bell(), patience_of(context), context.stop);
    answered_entries joined = joined_answers(entries, *shared);
    if (joined.usable.empty() && !joined.complete) {
        co_await rendezvous::wait(shared->bell(), context.until, context.stop);
        joined = joined_answers(entries, *shared);
    }
    if (joined.usable.empty() || context.interrupted()) {
        co_return failure_of(joined, context);
    }
    assign_entries(given, joined.usable);
    co_return given;
}

std::size_t count_servers(const parameters& given) {
    return entries_of(given).size();
}

parameters from_server(parameters given, std::size_t first) {
    std::vector<entry> entries = entries_of(given);
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(first));
    assign_entries(given, entries);
    return given;
}

std::size_t current_server(const parameters& given, const PGconn* tried) {
    const auto text = [](const char* of_libpq) {
        return std::string_view(of_libpq == nullptr ? "" : of_libpq);
    };
    const std::vector<entry> entries = entries_of(given);
    const auto current = std::ranges::find_if(entries, [&](const entry& each) {
        const bool same_address = each.address.empty() || each.address == text(PQhostaddr(tried));
        return same_address && (each.host.empty() || each.host == text(PQhost(tried))) &&
            (each.port.empty() || each.port == text(PQport(tried)));
    });
    return current == entries.end() ? 0 : static_cast<std::size_t>(current - entries.begin());
}

} // namespace hyperterse::adapter::postgres
