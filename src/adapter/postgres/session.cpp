#include "adapter/postgres/session.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

namespace hyperterse::adapter::postgres {

namespace {

constexpr std::size_t most_known = 1'000; // statements on one connection, for the memory of the server

constexpr std::chrono::milliseconds believed_alive{1}; // after the last answer

constexpr std::size_t one_read = 16 * 1024; // of libpq, unless a message was larger

bool is_readable(int socket) {
    pollfd watched{.fd = socket, .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) > 0;
}

} // namespace

session::session(connection_handle opened, const executor& worker, session_traits traits) :
    handle_(std::move(opened)),
    cancel_key_(PQgetCancel(raw()), PQfreeCancel),
    traits_(std::move(traits)),
    socket_(worker) {
    // A duplicate, because libpq closes its own at a failure: the number would be another file's before it is
    // no longer watched.
    const int watched_socket = ::fcntl(PQsocket(raw()), F_DUPFD_CLOEXEC, 0);
    if (watched_socket < 0) {
        lost_ = true;
        return;
    }
    socket_.assign(watched_socket);
    if (PQsetnonblocking(raw(), 1) != 0 || PQenterPipelineMode(raw()) == 0) {
        lost_ = true;
    }
}

// What an idle connection receives is either of no interest or its end.
bool session::usable() const noexcept {
    if (lost_ || !is_idle()) {
        return false;
    }
    constexpr int reads_to_the_end = 3;
    const bool just_answered = steady_clock::now() - answered_ < believed_alive;
    for (int read = 0; !just_answered && read < reads_to_the_end && is_readable(PQsocket(raw())); ++read) {
        if (PQconsumeInput(raw()) == 0) {
            return false;
        }
        PQisBusy(raw()); // takes notices and parameters in
    }
    return PQstatus(raw()) == CONNECTION_OK && (traits_.transactions || refuses_writes());
}

bool session::refuses_writes() const {
    const char* const reported = PQparameterStatus(raw(), "default_transaction_read_only");
    return reported != nullptr && std::string_view(reported) == "on";
}

task<void> session::close() {
    socket_.close();
    handle_.reset();
    co_return;
}

void session::attach(const executor& worker) {
    if (socket_.get_executor() != worker) {
        const int watched_socket = socket_.release();
        socket_ = descriptor(worker, watched_socket);
    }
}

void session::begin(statement::effect effect) {
    writes_ = effect == statement::effect::write;
    if (traits_.transactions) {
        aside(writes_ ? "BEGIN READ WRITE" : "BEGIN READ ONLY");
        for (const auto& [name, value] : traits_.local_settings) {
            aside("SELECT set_config($1, $2, true)", {name.c_str(), value.c_str()});
        }
    } else if (writes_) {
        aside("SET default_transaction_read_only = off");
        expect(expectation::aside_sync, PQpipelineSync(raw()));
    }
}

void session::prepare(const plan& what, const plan::oids& types) {
    make_room();
    knowledge& made = known_[&what];
    made.name = traits_.named ? fmt::format("h{}", ++names_) : std::string();
    const Oid* const declared = types.empty() ? nullptr : types.data();
    const int sent = PQsendPrepare(
        raw(), made.name.c_str(), what.text().c_str(), static_cast<int>(types.size()), declared
    );
    expect(expectation::statement, sent);
}

void session::describe(const plan& what) {
    expect(expectation::statement, PQsendDescribePrepared(raw(), known_.at(&what).name.c_str()));
}

void session::execute(const plan& what, const bound_arguments& arguments, delivery how) {
    const auto count = static_cast<int>(arguments.size());
    const char* const* const values = arguments.values();
    int sent = 0;
    if (traits_.named) {
        const char* const name = known_.at(&what).name.c_str();
        sent = PQsendQueryPrepared(raw(), name, count, values, nullptr, nullptr, 0);
    } else {
        const plan::oids types = what.declared_types();
        const Oid* const declared = types.empty() ? nullptr : types.data();
        const char* const text = what.text().c_str();
        sent = PQsendQueryParams(raw(), text, count, declared, values, nullptr, nullptr, 0);
    }
    const bool by_rows = how == delivery::one_by_one;
    expect(by_rows ? expectation::statement_by_rows : expectation::statement, sent);
}

void session::query(const char* text, const std::vector<const char*>& arguments) {
    expect(expectation::statement, send_text(text, arguments));
}

void session::end() {
    if (traits_.transactions) {
        aside("COMMIT");
    } else if (writes_) {
        expect(expectation::aside_sync, PQpipelineSync(raw()));
        aside("SET default_transaction_read_only = on");
    }
    expect(expectation::sync, PQpipelineSync(raw()));
}

std::optional<reply> session::poll() {
    while (!lost_) {
        if (expected_.front() == expectation::statement_by_rows && !one_by_one_) {
            PQsetSingleRowMode(raw());
            one_by_one_ = true;
        }
        if (PQisBusy(raw()) != 0 && PQstatus(raw()) == CONNECTION_OK) {
            return std::nullopt;
        }
        result_handle content(PQgetResult(raw()));
        if (auto said = take(std::move(content))) {
            return said;
        }
    }
    return reply{reply::kind::lost, nullptr};
}

task<void> session::wait() {
    co_await wait_for_socket();
    descriptor::bytes_readable come(0);
    boost::system::error_code unknown;
    socket_.io_control(come, unknown);
    received_ += std::min(come.get(), one_read);
    PQconsumeInput(raw()); // a failure shows in PQstatus
}

void session::wake() {
    socket_.cancel();
}

std::string_view session::driver_text() const {
    const std::string_view text = PQerrorMessage(raw());
    return text.empty() ? "the connection was given up" : text;
}

bool session::is_prepared(const plan& what) const {
    const auto knows = known_.find(&what);
    return knows != known_.end() && !knows->second.name.empty();
}

void session::expect(expectation what, int sent) {
    expected_.push_back(what);
    lost_ = lost_ || sent == 0;
}

void session::aside(const char* text, const std::vector<const char*>& arguments) {
    expect(expectation::aside, send_text(text, arguments));
}

int session::send_text(const char* text, const std::vector<const char*>& arguments) {
    const auto count = static_cast<int>(arguments.size());
    return PQsendQueryParams(raw(), text, count, nullptr, arguments.data(), nullptr, nullptr, 0);
}

void session::make_room() {
    if (known_.size() < most_known) {
        return;
    }
    const auto forgotten = known_.begin();
    if (const std::string& name = forgotten->second.name; !name.empty()) {
        aside(fmt::format("DEALLOCATE {}", name).c_str());
    }
    known_.erase(forgotten);
}

// Null ends the replies to one thing sent, except to a sync.
std::optional<reply> session::take(result_handle content) {
    const expectation due = expected_.front();
    const bool quiet = due == expectation::aside;
    if (!content) {
        if (due != expectation::sync && due != expectation::aside_sync) {
            expected_.pop_front();
            one_by_one_ = false;
        }
        return std::nullopt;
    }
    switch (PQresultStatus(content.get())) {
    case PGRES_SINGLE_TUPLE:
        return reply{reply::kind::row, std::move(content)};
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        return quiet ? std::nullopt : std::optional(reply{reply::kind::complete, std::move(content)});
    case PGRES_PIPELINE_ABORTED:
        if (quiet) {
            return std::nullopt;
        }
        if (failure_aside_) {
            return reply{reply::kind::failed, std::move(failure_aside_)};
        }
        return reply{reply::kind::skipped, nullptr};
    case PGRES_PIPELINE_SYNC:
        return take_sync();
    case PGRES_FATAL_ERROR:
        return take_failure(std::move(content));
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
        lost_ = true; // there is no way out of it in pipeline mode
        return reply{reply::kind::failed, std::move(content)};
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
        break;
    }
    lost_ = true;
    return std::nullopt;
}

std::optional<reply> session::take_sync() {
    const expectation due = expected_.front();
    expected_.pop_front();
    if (due == expectation::aside_sync) {
        return std::nullopt;
    }
    if (expected_.empty() && PQtransactionStatus(raw()) != PQTRANS_IDLE) {
        aside("ROLLBACK");
        expect(expectation::sync, PQpipelineSync(raw()));
        return std::nullopt;
    }
    answered_ = steady_clock::now();
    return reply{reply::kind::synced, std::move(failure_aside_)};
}

std::optional<reply> session::take_failure(result_handle content) {
    if (PQresultErrorField(content.get(), PG_DIAG_SQLSTATE) == nullptr) {
        lost_ = true; // libpq's own failure: there is no connection any more
        return std::nullopt;
    }
    const expectation due = expected_.front();
    if (due == expectation::statement || due == expectation::statement_by_rows) {
        return reply{reply::kind::failed, std::move(content)};
    }
    failure_aside_ = std::move(content);
    return std::nullopt;
}

task<void> session::wait_for_socket() {
    if (PQflush(raw()) <= 0) {
        constexpr auto as_result = asio::as_tuple(use_task);
        co_await socket_.async_wait(descriptor::wait_read, as_result);
        co_return;
    }
    // The server may be waiting for us to read before it reads on.
    auto either = asio::experimental::make_parallel_group(
        socket_.async_wait(descriptor::wait_read, asio::deferred),
        socket_.async_wait(descriptor::wait_write, asio::deferred)
    );
    co_await either.async_wait(asio::experimental::wait_for_one(), use_task);
}

} // namespace hyperterse::adapter::postgres
