#include "adapter/postgres/connect.hpp"

#include "adapter/interruption.hpp"
#include "adapter/postgres/errors.hpp"
#include "adapter/postgres/handle.hpp"
#include "adapter/postgres/resolve.hpp"
#include "adapter/postgres/watch.hpp"

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

namespace hyperterse::adapter::postgres {

namespace {

using namespace std::chrono_literals;
using descriptor = asio::posix::basic_stream_descriptor<executor>;

constexpr auto look_around = 50ms;                     // how often a wait sees that its call has ended
constexpr int first_version_that_reports_all = 140000; // default_transaction_read_only, in particular

void drop_notice(void*, const PGresult*) {}

// Until the socket is ready, or a moment has passed.
task<void> wait_a_moment(int socket, descriptor::wait_type event, deadline until) {
    const executor worker = co_await asio::this_coro::executor;
    descriptor watched_socket(worker, socket);
    worker_timer alarm(worker);
    alarm.expires_at(std::min(until.at, steady_clock::now() + look_around));
    auto either = asio::experimental::make_parallel_group(
        watched_socket.async_wait(event, asio::deferred), alarm.async_wait(asio::deferred)
    );
    co_await either.async_wait(asio::experimental::wait_for_one(), use_task);
    watched_socket.release(); // libpq closes it
}

connection_handle begin_connecting(const parameters& how) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : how) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_handle begun(PQconnectStartParams(keywords.data(), values.data(), 0));
    PQsetErrorVerbosity(begun.get(), PQERRORS_VERBOSE);
    PQsetNoticeReceiver(begun.get(), drop_notice, nullptr);
    return begun;
}

error cannot_connect(const settings& how, PGconn* failed) {
    const std::string_view said = PQerrorMessage(failed);
    const bool no_password = PQconnectionNeedsPassword(failed) != 0;
    if (no_password || is_configuration_fault(state_of_connect_failure(said))) {
        return refused(one_line(said));
    }
    return connection_lost(fmt::format("{}: {}", how.target, said));
}

error too_slow(const settings& how, PGconn* tried, const call_context& context) {
    if (context.stop.stop_requested()) {
        return interruption(context);
    }
    const char* const host = PQhost(tried);
    return connection_lost(
        fmt::format("{}: {} does not answer in time", how.target, host == nullptr ? "the server" : host)
    );
}

// The time for the first of several servers: one that does not answer must not cost the others their chance.
deadline share_of(const deadline& until, std::size_t servers) {
    const auto now = steady_clock::now();
    return servers <= 1 ? until : deadline{now + (until.at - now) / static_cast<std::ptrdiff_t>(servers)};
}

// libpq's own steps (PQconnectStartParams), until they are done. A socket may be another one at each step.
task<result<connection_handle>> connect_socket(const settings& how, parameters where, call_context context) {
    connection_handle made = begin_connecting(where);
    std::size_t server = 0; // that libpq has got to
    deadline patience = share_of(context.until, count_servers(where));
    auto next = PQstatus(made.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED) {
            co_return cannot_connect(how, made.get());
        }
        if (context.interrupted()) {
            co_return too_slow(how, made.get(), context);
        }
        const std::size_t now_at = current_server(where, made.get());
        const std::size_t left = count_servers(where) - now_at;
        if (patience.passed() && left > 1) {
            where = from_server(std::move(where), now_at + 1);
            made = begin_connecting(where);
            server = 0;
            patience = share_of(context.until, left - 1);
            next = PGRES_POLLING_WRITING;
            continue;
        }
        if (now_at != server) {
            server = now_at;
            patience = share_of(context.until, left);
        }
        const auto event = next == PGRES_POLLING_READING ? descriptor::wait_read : descriptor::wait_write;
        co_await wait_a_moment(PQsocket(made.get()), event, context.until);
        next = PQconnectPoll(made.get());
    }
    co_return std::move(made);
}

// Applies the settings when the server process is the one that the connection was made to, and says whether
// it is; behind a pooler they would reach sessions of others. $1 is the process, then names and values.
std::string set_up_statement(std::size_t settings_count) {
    std::string text = "SELECT pg_catalog.pg_backend_pid() = $1::int4";
    for (std::size_t index = 0; index < settings_count; ++index) {
        text += fmt::format(
            ", CASE WHEN pg_catalog.pg_backend_pid() = $1::int4 "
            "THEN pg_catalog.set_config(${}, ${}, false) END",
            2 * index + 2,
            2 * index + 3
        );
    }
    return text;
}

// One statement on a connection that is not in pipeline mode yet; its only result.
task<result<result_handle>>
ask(const settings& how,
    PGconn* asked,
    const std::string& text,
    std::vector<const char*> values,
    call_context context) {
    const auto count = static_cast<int>(values.size());
    PQsetnonblocking(asked, 1);
    PQsendQueryParams(asked, text.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0);
    result_handle answer;
    while (true) {
        const int unsent = PQflush(asked);
        while (PQisBusy(asked) == 0) {
            result_handle next(PQgetResult(asked));
            if (!next) {
                co_return std::move(answer);
            }
            answer = std::move(next);
        }
        if (context.interrupted()) {
            co_return too_slow(how, asked, context);
        }
        const auto event = unsent > 0 ? descriptor::wait_write : descriptor::wait_read;
        co_await wait_a_moment(PQsocket(asked), event, context.until);
        if (PQconsumeInput(asked) == 0) {
            co_return connection_lost(fmt::format("{}: {}", how.target, PQerrorMessage(asked)));
        }
    }
}

} // namespace

task<result<std::unique_ptr<session>>> open_session(const settings& how, call_context context) {
    const executor worker = co_await asio::this_coro::executor;
    result<parameters> where = co_await resolve_hosts(how.connection, context);
    if (!where) {
        co_return std::move(where).error();
    }
    result<connection_handle> made = co_await connect_socket(how, *where, context);
    if (!made) {
        co_return std::move(made).error();
    }
    PGconn* const opened = made->get();
    const std::string process = std::to_string(PQbackendPID(opened));
    std::vector<const char*> values{process.c_str()};
    for (const auto& [name, value] : how.session) {
        values.insert(values.end(), {name.c_str(), value.c_str()});
    }
    const std::string text = set_up_statement(how.session.size());
    const result<result_handle> set_up = co_await ask(how, opened, text, std::move(values), context);
    if (!set_up) {
        co_return set_up.error();
    }
    if (PQresultStatus(set_up->get()) != PGRES_TUPLES_OK) {
        server_failure failed = failure(set_up->get(), 0);
        co_return is_configuration_fault(failed.state) ? refused(failed.why.detail().for_log())
                                                       : connection_lost(PQerrorMessage(opened));
    }
    const bool is_direct = std::string_view(PQgetvalue(set_up->get(), 0, 0)) == "t";
    const bool reports_all = PQserverVersion(opened) >= first_version_that_reports_all;
    session_traits traits{
        .named = how.prepared.value_or(is_direct ? prepared_mode::named : prepared_mode::unnamed) ==
            prepared_mode::named,
        .transactions = !is_direct || !reports_all,
        .local_settings = is_direct ? parameters() : how.session,
    };
    PQsetErrorVerbosity(opened, PQERRORS_DEFAULT);
    co_return std::make_unique<session>(*std::move(made), worker, std::move(traits));
}

} // namespace hyperterse::adapter::postgres
