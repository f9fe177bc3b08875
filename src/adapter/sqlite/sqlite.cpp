#include "adapter/sqlite/sqlite.hpp"

#include "adapter/blocking.hpp"
#include "adapter/pool.hpp"
#include "adapter/sqlite/create.hpp"
#include "adapter/sqlite/cursor.hpp"
#include "adapter/sqlite/errors.hpp"
#include "adapter/sqlite/open.hpp"
#include "adapter/sqlite/session.hpp"
#include "adapter/sqlite/settings.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <unistd.h>
#include <utility>

namespace hyperterse::adapter {

namespace sqlite {
namespace {

namespace fs = std::filesystem;

// A name for a database in memory that all connections of one adapter, and nobody else, use.
std::string memory_uri() {
    static std::atomic<unsigned> count = 0;
    return fmt::format("file:/hyperterse-{}?vfs=memdb", ++count);
}

class session_connector final : public connector {
public:
    session_connector(blocking_threads& threads, std::string uri, const settings& options, role purpose) :
        threads_(threads), uri_(std::move(uri)), options_(options), purpose_(purpose) {}

    task<result<std::unique_ptr<connection>>> connect(call_context context) override {
        result<database_handle> opened = database_handle();
        const auto open = [&] { opened = open_database(uri_, options_, purpose_, context); };
        co_await run_blocking(threads_, open);
        if (!opened) {
            co_return std::move(opened).error();
        }
        co_return std::make_unique<session>(threads_, std::move(*opened), options_);
    }

private:
    blocking_threads& threads_;
    const std::string uri_;
    const settings& options_;
    const role purpose_;
};

// What keeps a connection from being opened and will not go away by itself.
std::optional<std::string> obstacle(const settings& options) {
    std::error_code ignored;
    const fs::path directory = options.file.parent_path();
    if (!fs::is_directory(directory, ignored)) {
        return fmt::format("the directory '{}' does not exist", options.shown(directory));
    }
    std::error_code why;
    if (fs::status(options.file, why).type() == fs::file_type::none) {
        return fmt::format("cannot look at '{}': {}", options.shown(options.file), why.message());
    }
    if (fs::is_directory(options.file, ignored)) {
        return fmt::format("'{}' is a directory, not a database", options.shown(options.file));
    }
    if (!options.init && !fs::exists(options.file, ignored)) {
        return fmt::format(
            "the database '{}' does not exist; name a script with 'init' to have it made, or make it first",
            options.shown(options.file)
        );
    }
    const int wanted = options.read_only ? R_OK : R_OK | W_OK;
    for (const fs::path& place : {directory, options.file}) {
        if (::access(place.c_str(), wanted) != 0 && errno == EACCES) {
            return fmt::format(
                "no permission to {} '{}'", options.read_only ? "read" : "write", options.shown(place)
            );
        }
    }
    return std::nullopt;
}

start_failure kind_of(int extended_code) {
    constexpr std::array passing{
        SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM, SQLITE_INTERRUPT
    };
    const bool passes = std::ranges::find(passing, extended_code & 0xFF) != passing.end();
    return passes ? start_failure::unavailable : start_failure::configuration;
}

start_error start_failed(start_failure kind, const error& why, const settings& options) {
    const std::string database = options.in_memory() ? ":memory:" : options.shown(options.file);
    return {
        kind,
        error{
            kind == start_failure::configuration ? errc::internal : errc::unavailable,
            public_message{"the database is unavailable"},
            private_detail{fmt::format("{}: {}", database, why.detail().for_log())}
        }
    };
}

// Reads the schema, which shows whether the file is a database.
int probe(sqlite3* database) {
    return run(database, "SELECT count(*) FROM sqlite_schema");
}

// Makes the database if there is none and proves that it can be opened. The script that makes it may take its
// time: only a stop of the call ends it. A database in memory lives as long as `keeper`. Blocking.
std::optional<start_error> prepare_database(
    const std::string& uri, const settings& options, const call_context& context, database_handle& keeper
) {
    const call_context unhurried{.until = deadline::never(), .stop = context.stop};
    const auto lasting = [&options](const error& why) {
        return start_failed(start_failure::configuration, why, options);
    };
    if (options.in_memory()) {
        result<database_handle> made = create_database(uri);
        if (!made) {
            return lasting(made.error());
        }
        const auto failed = options.init ? run_script(made->get(), options, unhurried) : std::nullopt;
        if (failed) {
            return lasting(*failed);
        }
        keeper = std::move(*made);
    } else {
        if (const auto found = obstacle(options)) {
            return lasting(refused(*found));
        }
        std::error_code ignored;
        const bool missing = options.init && !fs::exists(options.file, ignored);
        const auto failed = missing ? create_from_script(options, unhurried) : std::nullopt;
        if (failed) {
            return lasting(*failed);
        }
    }
    watched_call watched{.busy_timeout = options.busy_timeout, .context = &context};
    const result<database_handle> opened = open_file(uri, options, watched);
    if (!opened) {
        return lasting(opened.error());
    }
    sqlite3* const database = opened->get();
    if (const auto failed = set_up(database, options, role::writer)) {
        const bool refused_by_us = failed->code() == errc::internal;
        const start_failure kind =
            refused_by_us ? start_failure::configuration : kind_of(sqlite3_extended_errcode(database));
        return start_failed(kind, *failed, options);
    }
    if (const int code = probe(database); code != SQLITE_OK) {
        return start_failed(kind_of(code), last_failure(database), options);
    }
    return std::nullopt;
}

pool_options only_one(pool_options options) {
    options.max_connections = 1;
    options.min_connections = std::min<std::size_t>(1, options.min_connections);
    return options;
}

class sqlite_adapter final : public adapter {
public:
    sqlite_adapter(const adapter_options& options, settings read) :
        name_(options.name),
        statement_timeout_(options.statement_timeout),
        settings_(std::move(read)),
        uri_(settings_.in_memory() ? memory_uri() : file_uri(settings_.file, settings_.uri_parameters)),
        threads_(options.pool.max_connections + 1),
        readers_(name_, options.pool, connector_for(role::reader)),
        writer_(name_, only_one(options.pool), connector_for(role::writer)) {}

    std::string_view name() const override { return name_; }
    task<std::optional<start_error>> start(call_context context) override;
    task<result<contract>> describe(const statement::statement& described, call_context context) override;
    task<result<std::unique_ptr<cursor>>> execute(
        const statement::statement& executed,
        statement::effect effect,
        std::vector<value> arguments,
        call_context context
    ) override;
    adapter_status status() const override;
    task<void> stop(deadline until) override;

private:
    std::unique_ptr<connector> connector_for(role purpose) {
        return std::make_unique<session_connector>(threads_, uri_, settings_, purpose);
    }
    pool& pool_for(statement::effect effect) {
        return effect == statement::effect::write ? writer_ : readers_;
    }

    const std::string name_;
    const std::optional<std::chrono::milliseconds> statement_timeout_;
    const settings settings_;
    const std::string uri_;
    blocking_threads threads_;
    std::atomic<bool> started_ = false;
    database_handle keeper_;
    pool readers_;
    pool writer_;
};

task<std::optional<start_error>> sqlite_adapter::start(call_context context) {
    const executor worker = co_await asio::this_coro::executor;
    std::optional<start_error> failed;
    if (started_) {
        co_return failed;
    }
    const auto prepare = [&] { failed = prepare_database(uri_, settings_, context, keeper_); };
    try {
        co_await run_blocking(threads_, prepare);
    } catch (const std::exception& thrown) {
        failed = start_failed(start_failure::configuration, refused(thrown.what()), settings_);
    }
    if (!failed) {
        readers_.start(worker);
        writer_.start(worker);
        started_ = true;
    }
    co_return failed;
}

result<contract> describe_on(session& on, std::string_view text, const call_context& context) {
    const session::call call(on, context);
    const auto prepared = on.prepare(text);
    if (!prepared) {
        return prepared.error();
    }
    sqlite3_stmt* const handle = (*prepared)->handle.get();
    contract said;
    said.read_only = sqlite3_stmt_readonly(handle) != 0;
    for (int index = 0; index < sqlite3_column_count(handle); ++index) {
        const char* const declared = sqlite3_column_decltype(handle, index);
        said.columns.push_back(
            {.name = sqlite3_column_name(handle, index),
             .type = declared == nullptr ? "" : declared,
             .nullable = std::nullopt}
        );
    }
    return said;
}

error not_started() {
    return error{
        errc::unavailable, public_message{"the database is unavailable"}, private_detail{"not started"}
    }
        .retry_after(std::chrono::seconds{1});
}

task<result<contract>> sqlite_adapter::describe(const statement::statement& described, call_context context) {
    if (!started_) {
        co_return not_started();
    }
    const result<lease> taken = co_await pool_for(described.apparent_effect).acquire(context);
    if (!taken) {
        co_return taken.error();
    }
    result<contract> said = contract();
    const auto job = [&] { said = describe_on(taken->as<session>(), described.text.view(), context); };
    co_await run_blocking(threads_, job);
    co_return said;
}

task<result<std::unique_ptr<cursor>>> sqlite_adapter::execute(
    const statement::statement& executed,
    statement::effect effect,
    std::vector<value> arguments,
    call_context context
) {
    if (!started_) {
        co_return not_started();
    }
    result<lease> taken = co_await pool_for(effect).acquire(context);
    if (!taken) {
        co_return std::move(taken).error();
    }
    const deadline limit = statement_timeout_ ? deadline::in(*statement_timeout_) : deadline::never();
    context.until = std::min(context.until, limit);
    execution_request request{executed, effect, std::move(arguments), limit};
    auto running = execute_statement(threads_, std::move(*taken), std::move(request), std::move(context));
    co_return co_await std::move(running);
}

adapter_status sqlite_adapter::status() const {
    if (!started_) {
        return {.available = false, .reason = "not started"};
    }
    adapter_status both = readers_.status();
    const adapter_status writing = writer_.status();
    both.available = both.available && writing.available;
    both.reason = both.reason.empty() ? writing.reason : both.reason;
    both.connections_in_use += writing.connections_in_use;
    both.connections_idle += writing.connections_idle;
    both.waiting += writing.waiting;
    return both;
}

task<void> sqlite_adapter::stop(deadline until) {
    co_await readers_.stop(until);
    co_await writer_.stop(until);
    keeper_.reset();
    if (readers_.drained() && writer_.drained()) {
        threads_.join();
    }
}

void check(const adapter_options& options, const location& where, diagnostics& found) {
    read_settings(options, where, found);
}

std::unique_ptr<adapter> make(const adapter_options& options) {
    diagnostics checked_before;
    return std::make_unique<sqlite_adapter>(options, read_settings(options, {}, checked_before));
}

} // namespace
} // namespace sqlite

const backend sqlite_backend{
    .connector = "sqlite",
    .dialect = statement::dialect::sqlite,
    .check = sqlite::check,
    .make = sqlite::make,
};

} // namespace hyperterse::adapter
