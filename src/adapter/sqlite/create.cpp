#include "adapter/sqlite/create.hpp"

#include "adapter/interruption.hpp"
#include "adapter/sqlite/errors.hpp"
#include "adapter/sqlite/open.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>
#include <sys/types.h>
#include <system_error>
#include <unistd.h>

namespace hyperterse::adapter::sqlite {

namespace {

namespace fs = std::filesystem;

// How many instructions of the engine lie between two looks at the call's end.
constexpr int instructions_between_checks = 1'000;

int stop_when_interrupted(void* context) noexcept {
    return static_cast<const call_context*>(context)->interrupted() ? 1 : 0;
}

// An empty file beside the one that is to be made, of a name that nobody has, on other hosts neither. It is
// gone, with what SQLite keeps beside it, when its maker is done.
class scratch_file {
public:
    explicit scratch_file(const fs::path& beside) {
        constexpr mode_t mode = 0644; // as SQLite makes files
        std::random_device random;
        int descriptor = -1;
        do {
            path_ = beside.string() + fmt::format(".init-{:08x}{:08x}", random(), random());
            descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        } while (descriptor < 0 && errno == EEXIST);
        if (descriptor < 0) {
            failed_ = std::error_code(errno, std::generic_category());
        } else {
            ::close(descriptor);
        }
    }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    ~scratch_file() {
        if (failed_) {
            return;
        }
        for (const std::string_view suffix : {"", "-journal", "-wal", "-shm"}) {
            std::error_code ignored;
            fs::remove(path_.string().append(suffix), ignored);
        }
    }

    const fs::path& path() const { return path_; }
    // Why there is none.
    const std::error_code& failed() const { return failed_; }

private:
    fs::path path_;
    std::error_code failed_;
};

error script_failure(
    const std::string& script, std::string_view text, std::size_t offset, sqlite3* database
) {
    const auto line = 1 + std::ranges::count(text.substr(0, offset), '\n');
    const error why = last_failure(database);
    return {
        why.code(),
        public_message{why.message()},
        private_detail{fmt::format("{}:{}: {}", script, line, why.detail().for_log())}
    };
}

// Runs the statement at the start of `rest` and drops it from there. False: it failed.
bool run_first(sqlite3* database, std::string_view& rest) {
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    const int length = static_cast<int>(rest.size());
    if (sqlite3_prepare_v2(database, rest.data(), length, &prepared, &tail) != SQLITE_OK) {
        return false;
    }
    const statement_handle statement(prepared);
    int code = statement ? SQLITE_ROW : SQLITE_DONE;
    while (code == SQLITE_ROW) {
        code = sqlite3_step(statement.get());
    }
    if (code == SQLITE_DONE) {
        rest.remove_prefix(static_cast<std::size_t>(tail - rest.data()));
    }
    return code == SQLITE_DONE;
}

std::size_t skip_blanks(std::string_view text) {
    return std::min(text.find_first_not_of(" \t\r\n"), text.size());
}

bool flush_to_disk(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    const bool flushed = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    return flushed;
}

} // namespace

std::optional<error> run_script(sqlite3* database, const settings& options, const call_context& context) {
    const std::string script = options.shown(*options.init);
    std::error_code why;
    if (const fs::file_status found = fs::status(*options.init, why); !fs::is_regular_file(found)) {
        const std::string reason = fs::exists(found) ? "is not a file" : why.message();
        return refused(fmt::format("cannot read the init script '{}': {}", script, reason));
    }
    std::ifstream file(*options.init, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) {
        return refused(fmt::format("cannot read the init script '{}'", script));
    }
    call_context watched = context;
    sqlite3_progress_handler(database, instructions_between_checks, stop_when_interrupted, &watched);
    std::optional<error> failed;
    for (std::string_view rest = text; !rest.empty() && !failed;) {
        rest.remove_prefix(skip_blanks(rest));
        const std::size_t offset = text.size() - rest.size();
        if (context.interrupted()) {
            failed = interruption(context);
        } else if (!run_first(database, rest)) {
            failed = context.interrupted() ? interruption(context)
                                           : script_failure(script, text, offset, database);
        }
    }
    if (!failed && sqlite3_get_autocommit(database) == 0) {
        failed = refused(fmt::format("{}: the script leaves a transaction open", script));
    }
    sqlite3_progress_handler(database, 0, nullptr, nullptr);
    return failed;
}

std::optional<error> create_from_script(const settings& options, const call_context& context) {
    const auto cannot_make = [&options](const std::error_code& why) {
        return refused(fmt::format("cannot make '{}': {}", options.shown(options.file), why.message()));
    };
    const scratch_file scratch(options.file);
    if (scratch.failed()) {
        return cannot_make(scratch.failed());
    }
    {
        result<database_handle> made = create_database(file_uri(scratch.path(), {}));
        if (!made) {
            return std::move(made).error();
        }
        // Nothing that fails has to be undone: the file is thrown away.
        if (run(made->get(), "PRAGMA journal_mode = memory; PRAGMA synchronous = off") != SQLITE_OK) {
            return last_failure(made->get());
        }
        if (auto failed = run_script(made->get(), options, context)) {
            return failed;
        }
    }
    if (!flush_to_disk(scratch.path())) {
        return refused(fmt::format("cannot write '{}'", options.shown(scratch.path())));
    }
    std::error_code failed;
    fs::create_hard_link(scratch.path(), options.file, failed);
    if (std::error_code ignored; failed && !fs::exists(options.file, ignored)) {
        return cannot_make(failed);
    }
    return std::nullopt;
}

} // namespace hyperterse::adapter::sqlite
