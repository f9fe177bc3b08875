#include "adapter/postgres/settings.hpp"

#include "adapter/postgres/libpq_defaults.hpp"
#include "base/quantity.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <span>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace hyperterse::adapter::postgres {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

// One of our own options: its value is one of two words.
struct option_row {
    std::string_view name;
    std::array<std::string_view, 2> words;
    void (*store)(bool second, settings& to);
};
constexpr std::array option_table{
    option_row{
        "prepared_statements",
        {"named", "unnamed"},
        [](bool second, settings& to) {
            to.prepared = second ? prepared_mode::unnamed : prepared_mode::named;
        }
    },
    option_row{
        "pipeline",
        {"auto", "off"},
        [](bool second, settings& to) {
            to.pipeline = second ? pipeline_mode::off : pipeline_mode::automatic;
        }
    },
    option_row{
        "bigint", {"number", "string"}, [](bool second, settings& to) { to.values.bigint_as_text = second; }
    },
    option_row{
        "decimals",
        {"number", "string"},
        [](bool second, settings& to) { to.values.decimals_as_text = second; }
    },
};

// What is not the user's to choose. `harmless` is the value that changes nothing.
struct reserved_row {
    std::string_view name;
    std::string_view why;
    std::string_view harmless = {};
};
constexpr std::string_view reads_values = "the gateway reads values in one form";
constexpr std::string_view read_is_read = "whether a session may write follows from the query's 'effect'";
constexpr std::string_view each_its_own = "every statement is a transaction of its own";
constexpr std::array reserved_table{
    reserved_row{"client_encoding", "the gateway speaks UTF-8", "UTF8"},
    reserved_row{"DateStyle", reads_values},
    reserved_row{"IntervalStyle", reads_values},
    reserved_row{"bytea_output", reads_values},
    reserved_row{"extra_float_digits", "floating-point numbers are sent with all their digits"},
    reserved_row{"standard_conforming_strings", "statements are compiled for it being on", "on"},
    reserved_row{"default_transaction_read_only", read_is_read},
    reserved_row{"transaction_read_only", read_is_read},
    reserved_row{"transaction_isolation", each_its_own},
    reserved_row{"transaction_deferrable", each_its_own},
    reserved_row{"replication", "the gateway does not replicate", "false"},
};

// What other drivers take for themselves and the server does not know.
constexpr std::array<std::string_view, 2> meaningless{"binary_parameters", "disable_prepared_binary_result"};

constexpr std::array<std::string_view, 6> file_keywords{
    "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "passfile"
};

struct tls_row {
    std::string_view option;
    std::string_view keyword;
};
constexpr std::array tls_table{
    tls_row{"ssl_mode", "sslmode"},
    tls_row{"ssl_ca", "sslrootcert"},
    tls_row{"ssl_cert", "sslcert"},
    tls_row{"ssl_key", "sslkey"},
};

// Names that the gateway itself relies on in every session.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> session_rules{{
    {"client_encoding", "UTF8"},
    {"DateStyle", "ISO, YMD"},
    {"IntervalStyle", "iso_8601"},
    {"bytea_output", "hex"},
    {"extra_float_digits", "1"},
    {"standard_conforming_strings", "on"},
    {"default_transaction_read_only", "on"},
    {"TimeZone", "UTC"}, // unless the user says otherwise
}};

bool is_setting_name(std::string_view name) {
    const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '_' || c == '.'; };
    return !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, fits);
}

// The option that was meant, empty when it is none of ours.
std::string_view misspelt(std::string_view name) {
    std::string_view closest;
    std::size_t too_far = std::max<std::size_t>(1, name.size() / 6) + 1;
    const auto consider = [&](std::string_view known) {
        if (const std::size_t distance = edit_distance(name, known); distance < too_far) {
            closest = known;
            too_far = distance;
        }
    };
    std::ranges::for_each(option_table, consider, &option_row::name);
    std::ranges::for_each(common_option_names, consider);
    return closest;
}

bool is_statement_timeout(std::string_view name) {
    return equals_ignoring_case(name, "statement_timeout");
}

// The names of the server's settings do not depend on the case of their letters.
void assign_setting(parameters& to, std::string_view name, std::string value) {
    const auto same = [name](const parameter& each) { return equals_ignoring_case(each.first, name); };
    std::erase_if(to, same);
    to.emplace_back(name, std::move(value));
}

// One parameter of the connection string, or one option.
struct given {
    std::string_view name;
    std::string_view text;
    const location& where;
    bool from_string; // what it is called may be a part of a password
    bool secret;

    std::string called() const {
        return from_string ? std::string("the connection string") : fmt::format("option '{}'", name);
    }
};

class settings_reader {
public:
    settings_reader(const adapter_options& options, const location& where, diagnostics& found) :
        options_(options), where_(where), found_(found), directory_(base_directory(options)) {}

    settings read();

private:
    void take(const given& one);
    void take_keyword(const given& one, std::string_view keyword);
    void take_setting(const given& one);
    void take_own(const given& one, const option_row& row);
    std::string file(const given& one);
    void settle_connection();
    void settle_session();
    std::optional<milliseconds> statement_timeout_of_session();
    void error(const given& about, std::string_view problem, std::string hint = {}) {
        found_.error(about.where, fmt::format("{}: {}", about.called(), problem), std::move(hint));
    }

    const adapter_options& options_;
    const location& where_;
    diagnostics& found_;
    const std::size_t errors_before_ = found_.error_count();
    const fs::path directory_;
    parameters written_; // libpq's
    parameters session_; // the user's
    settings understood_;
};

settings settings_reader::read() {
    understood_.secret = options_.secret;
    parameters in_string;
    if (std::string problem = read_connection_string(options_.connection_string, in_string);
        !problem.empty()) {
        found_.error(where_, std::move(problem));
    }
    for (const auto& [name, text] : in_string) {
        take({.name = name, .text = text, .where = where_, .from_string = true, .secret = options_.secret});
    }
    for (const auto& [name, text, where, secret] : options_.driver) {
        take({.name = name, .text = text, .where = where, .from_string = false, .secret = secret});
    }
    for (const auto& [name, text, where, secret] : options_.tls) {
        const given one{.name = name, .text = text, .where = where, .from_string = false, .secret = secret};
        take_keyword(one, std::ranges::find(tls_table, name, &tls_row::option)->keyword);
    }
    settle_connection();
    settle_session();
    return std::move(understood_);
}

void settings_reader::take(const given& one) {
    understood_.secret = understood_.secret || one.secret;
    if (one.text.find('\0') != std::string_view::npos) {
        error(one, "its value has a zero byte");
        return;
    }
    const auto named = [&one](const reserved_row& row) { return equals_ignoring_case(row.name, one.name); };
    const auto reserved = std::ranges::find_if(reserved_table, named);
    if (reserved != reserved_table.end()) {
        const bool harmless =
            !reserved->harmless.empty() && equals_ignoring_case(reserved->harmless, one.text);
        if (!harmless) {
            error(one, fmt::format("'{}' cannot be set: {}", reserved->name, reserved->why));
        }
        return;
    }
    if (std::ranges::find(meaningless, one.name) != meaningless.end()) {
        found_.warning(one.where, fmt::format("'{}' has no meaning here and is ignored", one.name));
        return;
    }
    if (one.from_string && one.name == "connect_timeout") {
        found_.warning(
            one.where,
            "'connect_timeout' of the connection string is ignored",
            "write it as an option of the adapter"
        );
        return;
    }
    const auto own = std::ranges::find(option_table, one.name, &option_row::name);
    if (own != option_table.end()) {
        take_own(one, *own);
    } else if (is_keyword(one.name)) {
        take_keyword(one, one.name);
    } else {
        take_setting(one);
    }
}

void settings_reader::take_own(const given& one, const option_row& row) {
    const auto word = std::ranges::find(row.words, one.text);
    if (word == row.words.end()) {
        const std::string shown = one.secret || one.from_string ? "its value" : fmt::format("'{}'", one.text);
        error(one, fmt::format("{} is not one of: {}", shown, join(row.words)));
        return;
    }
    row.store(word != row.words.begin(), understood_);
}

void settings_reader::take_keyword(const given& one, std::string_view keyword) {
    understood_.secret = understood_.secret || one.secret;
    const bool names_file = std::ranges::find(file_keywords, keyword) != file_keywords.end();
    const bool is_word = one.text.empty() || (keyword == "sslrootcert" && one.text == "system");
    assign(written_, keyword, names_file && !is_word ? file(one) : std::string(one.text));
}

std::string settings_reader::file(const given& one) {
    const fs::path path = (directory_ / one.text).lexically_normal();
    if (::access(path.c_str(), R_OK) != 0) {
        const std::string why = std::generic_category().message(errno);
        const bool hidden = one.secret || one.from_string;
        error(one, fmt::format("{} cannot be read: {}", hidden ? "a file" : path.string(), why));
    }
    return path.string();
}

void settings_reader::take_setting(const given& one) {
    const std::string_view meant = is_statement_timeout(one.name) ? std::string_view() : misspelt(one.name);
    if (!meant.empty()) {
        const std::string hint = one.name == meant
            ? fmt::format("write '{}' as an option of the adapter", meant)
            : fmt::format("did you mean '{}'?", meant);
        error(one, one.from_string ? "it has a parameter that is not known" : "is not known", hint);
    } else if (!is_setting_name(one.name)) {
        error(one, "neither an option nor the name of a setting of the server");
    } else {
        assign_setting(session_, one.name, std::string(one.text));
    }
}

// "a:5432,b:5432/shop"; a directory is where the sockets are.
std::string target_of(const parameters& connection) {
    const std::string_view hosts = value_of(connection, "host");
    const std::string_view addresses = value_of(connection, "hostaddr");
    const std::string_view shown = !hosts.empty() ? hosts : !addresses.empty() ? addresses : "local socket";
    return fmt::format("{}:{}/{}", shown, value_of(connection, "port"), value_of(connection, "dbname"));
}

void settings_reader::settle_connection() {
    if (found_.error_count() > errors_before_) {
        return;
    }
    auto [all, problem] = complete(written_);
    if (!problem.empty()) {
        const std::string_view shown = understood_.secret
            ? std::string_view("PostgreSQL's library does not accept its parameters")
            : problem;
        found_.error(where_, fmt::format("the connection cannot be made: {}", shown));
    }
    understood_.target = understood_.secret ? "***" : target_of(all);
    understood_.connection = std::move(all);
}

// As the server reads it: a plain number is milliseconds, 0 is none.
std::optional<milliseconds> parse_server_duration(std::string_view text) {
    const bool plain = !text.empty() && std::ranges::all_of(text, is_digit);
    const bool minutes = text.ends_with("min");
    return parse_duration(
        fmt::format("{}{}", minutes ? text.substr(0, text.size() - 2) : text, plain ? "ms" : "")
    );
}

std::optional<milliseconds> settings_reader::statement_timeout_of_session() {
    const auto found = std::ranges::find_if(session_, is_statement_timeout, &parameter::first);
    if (found == session_.end()) {
        return std::nullopt;
    }
    const auto length = parse_server_duration(found->second);
    if (!length) {
        found_.error(where_, "'statement_timeout' of the connection string is not a number of milliseconds");
    }
    session_.erase(found);
    return length && *length > 0ms ? length : std::nullopt;
}

void settings_reader::settle_session() {
    constexpr milliseconds longest{std::numeric_limits<std::int32_t>::max()}; // of the server
    constexpr milliseconds back_stop = 1s;                                    // behind our own deadline
    const auto in_string = statement_timeout_of_session();
    const auto chosen = options_.statement_timeout ? options_.statement_timeout : in_string;
    understood_.statement_timeout = std::min(chosen.value_or(options_.longest_call + back_stop), longest);
    for (const auto& [name, value] : session_rules) {
        understood_.session.emplace_back(name, value);
    }
    understood_.session.emplace_back(
        "statement_timeout", fmt::format("{}", understood_.statement_timeout.count())
    );
    for (auto& [name, value] : session_) {
        assign_setting(understood_.session, name, std::move(value));
    }
}

} // namespace

settings read_settings(const adapter_options& options, const location& where, diagnostics& found) {
    return settings_reader(options, where, found).read();
}

} // namespace hyperterse::adapter::postgres
