#include "adapter/sqlite/settings.hpp"

#include "base/percent.hpp"
#include "base/quantity.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <span>
#include <utility>

namespace hyperterse::adapter::sqlite {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// Understands one option; the result says what is wrong with its text, empty when nothing is.
using option_reader = std::string (*)(std::string_view text, const fs::path& directory, settings& to);

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (const std::string_view part = trim(text.substr(0, end)); !part.empty()) {
            parts.push_back(part);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

std::string read_word(std::string_view text, std::span<const std::string_view> words, std::string& to) {
    for (const std::string_view word : words) {
        if (equals_ignoring_case(text, word)) {
            to = word;
            return {};
        }
    }
    return fmt::format("'{}' is not one of: {}", text, join(words));
}

std::string read_count(std::string_view text, std::int64_t least, std::optional<std::int64_t>& to) {
    to = parse_integer(text);
    return to && *to >= least ? std::string() : fmt::format("'{}' is not a number from {}", text, least);
}

std::string read_init(std::string_view text, const fs::path& directory, settings& to) {
    to.init = directory / text;
    return text.empty() ? "is empty" : "";
}

std::string read_busy_timeout(std::string_view text, const fs::path&, settings& to) {
    constexpr std::chrono::hours longest{24}; // SQLite counts milliseconds in an int
    const auto duration = parse_duration(text);
    to.busy_timeout = duration.value_or(to.busy_timeout);
    return duration && *duration <= longest
        ? ""
        : fmt::format("'{}' is not a duration such as 500ms, 5s or 1m (at most 24 h)", text);
}

std::string read_journal_mode(std::string_view text, const fs::path&, settings& to) {
    static constexpr std::array<std::string_view, 6> modes{
        "wal", "delete", "truncate", "persist", "memory", "off"
    };
    return read_word(text, modes, to.journal_mode);
}

std::string read_synchronous(std::string_view text, const fs::path&, settings& to) {
    static constexpr std::array<std::string_view, 4> levels{"off", "normal", "full", "extra"};
    return read_word(text, levels, to.synchronous);
}

std::string read_cache_size(std::string_view text, const fs::path&, settings& to) {
    return read_count(text, std::numeric_limits<std::int32_t>::min(), to.cache_size);
}

std::string read_mmap_size(std::string_view text, const fs::path&, settings& to) {
    return read_count(text, 0, to.mmap_size);
}

std::string read_max_page_count(std::string_view text, const fs::path&, settings& to) {
    return read_count(text, 1, to.max_page_count);
}

std::string read_max_value_size(std::string_view text, const fs::path&, settings& to) {
    constexpr std::int64_t least = 1024;
    constexpr std::int64_t most = 1'000'000'000; // of SQLite
    const auto size = parse_size(text);
    to.max_value_size = size.value_or(to.max_value_size);
    return size && *size >= least && *size <= most
        ? ""
        : fmt::format("'{}' is not a size such as 16MiB (from 1KiB to {})", text, most);
}

std::string read_foreign_keys(std::string_view text, const fs::path&, settings& to) {
    static constexpr std::array<std::string_view, 4> words{"on", "off", "true", "false"};
    std::string word;
    const std::string problem = read_word(text, words, word);
    to.foreign_keys = word == "on" || word == "true";
    return problem;
}

std::string read_bigint(std::string_view text, const fs::path&, settings& to) {
    static constexpr std::array<std::string_view, 2> words{"number", "string"};
    std::string word;
    const std::string problem = read_word(text, words, word);
    to.bigint_as_text = word == "string";
    return problem;
}

std::string read_extensions(std::string_view text, const fs::path& directory, settings& to) {
    for (const std::string_view each : split(text, ',')) {
        to.extensions.push_back(directory / each);
    }
    return to.extensions.empty() ? "names no library" : "";
}

bool is_identifier(std::string_view name) {
    const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; };
    return !name.empty() && !is_digit(name.front()) && std::ranges::all_of(name, fits);
}

std::string read_attach(std::string_view text, const fs::path& directory, settings& to) {
    for (const std::string_view each : split(text, ',')) {
        const std::size_t equals = each.find('=');
        const std::string_view name = trim(each.substr(0, equals));
        const std::string_view file =
            equals == std::string_view::npos ? std::string_view() : trim(each.substr(equals + 1));
        if (!is_identifier(name) || file.empty()) {
            return fmt::format("'{}' is not of the form name=path", each);
        }
        to.attached.push_back({std::string(name), directory / file});
    }
    return to.attached.empty() ? "names no database" : "";
}

struct option_row {
    std::string_view name;
    option_reader read;
};
constexpr std::array option_table{
    option_row{"attach", read_attach},
    option_row{"bigint", read_bigint},
    option_row{"busy_timeout", read_busy_timeout},
    option_row{"cache_size", read_cache_size},
    option_row{"extensions", read_extensions},
    option_row{"foreign_keys", read_foreign_keys},
    option_row{"init", read_init},
    option_row{"journal_mode", read_journal_mode},
    option_row{"max_page_count", read_max_page_count},
    option_row{"max_value_size", read_max_value_size},
    option_row{"mmap_size", read_mmap_size},
    option_row{"synchronous", read_synchronous},
};
constexpr auto option_names = [] {
    std::array<std::string_view, option_table.size()> names;
    std::ranges::transform(option_table, names.begin(), &option_row::name);
    return names;
}();

void read_option(const driver_option& option, const fs::path& directory, settings& to, diagnostics& found) {
    const auto row = std::ranges::find(option_table, option.name, &option_row::name);
    if (row == option_table.end()) {
        const std::string guess = did_you_mean(option.name, option_names);
        found.error(
            option.where,
            fmt::format("unknown option '{}' of a sqlite adapter", option.name),
            fmt::format("{}{}known options: {}", guess, guess.empty() ? "" : " ", join(option_names))
        );
        return;
    }
    if (const std::string problem = row->read(option.text, directory, to); !problem.empty()) {
        const std::string_view shown = option.secret ? "its value does not fit" : std::string_view(problem);
        found.error(option.where, fmt::format("option '{}': {}", option.name, shown));
    }
    to.secret = to.secret || option.secret;
}

// Of a `?name=value&…` at the end of a connection string. The result says what is wrong.
std::string read_uri_parameters(std::string_view query, settings& to) {
    static constexpr std::array<std::string_view, 3> passed{"immutable", "nolock", "psow"};
    for (const std::string_view each : split(query, '&')) {
        const std::string_view name = each.substr(0, each.find('='));
        if (each == "mode=ro") {
            to.read_only = true;
        } else if (each == "mode=memory") {
            to.file.clear();
        } else if (std::ranges::find(passed, name) != passed.end()) {
            to.uri_parameters += to.uri_parameters.empty() ? "" : "&";
            to.uri_parameters += each;
        } else if (each != "mode=rw") {
            return fmt::format(
                "unknown parameter in the connection string; known are mode=ro, mode=rw, mode=memory, {}",
                join(passed)
            );
        }
    }
    return {};
}

std::string read_uri(std::string_view uri, const fs::path& directory, settings& to) {
    const std::size_t question = uri.find('?');
    std::string_view path = uri.substr(0, question);
    if (path.starts_with("//") && !path.starts_with("///")) {
        return "a database file cannot be on another host; write sqlite:data.db or "
               "sqlite:///absolute/data.db";
    }
    if (path.starts_with("///")) {
        path.remove_prefix(2);
    }
    const auto decoded = percent_decode(path, plus_sign::literal);
    if (!decoded) {
        return "a '%' in a file name is written %25";
    }
    to.file = directory / *decoded;
    const std::string problem =
        question == std::string_view::npos ? "" : read_uri_parameters(uri.substr(question + 1), to);
    const bool named = !path.empty() && !path.ends_with('/');
    return problem.empty() && !named && !to.in_memory() ? "the connection string names no file" : problem;
}

std::string read_connection_string(std::string_view text, const fs::path& directory, settings& to) {
    constexpr std::string_view memory = ":memory:";
    constexpr std::array<std::string_view, 2> schemes{"sqlite:", "file:"};
    if (text == memory || text == "sqlite::memory:" || text == "file::memory:") {
        return {};
    }
    for (const std::string_view scheme : schemes) {
        if (text.starts_with(scheme)) {
            return read_uri(text.substr(scheme.size()), directory, to);
        }
    }
    const std::string_view before_slash = text.substr(0, text.find('/'));
    if (text.empty() || before_slash.ends_with(':')) {
        return "expected sqlite:data.db, sqlite:///absolute/data.db, a file: URI, a path or :memory:";
    }
    to.file = directory / text;
    return {};
}

} // namespace

settings read_settings(const adapter_options& options, const location& where, diagnostics& found) {
    settings read;
    read.read_only = options.read_only;
    read.secret = options.secret;
    const fs::path directory = base_directory(options);
    if (std::string problem = read_connection_string(options.connection_string, directory, read);
        !problem.empty()) {
        found.error(where, std::move(problem));
    }
    for (const driver_option& option : options.driver) {
        read_option(option, directory, read, found);
    }
    for (const driver_option& option : options.tls) {
        found.error(option.where, fmt::format("option '{}': a database file has no TLS", option.name));
    }
    if (read.read_only && read.init && !read.in_memory()) {
        found.error(where, "a read-only database cannot be created: remove 'init' or 'read_only'");
    }
    return read;
}

std::string file_uri(const std::filesystem::path& file, std::string_view parameters) {
    constexpr std::string_view plain = "/-._~";
    std::string uri = "file:";
    for (const char c : file.string()) {
        if (is_alpha(c) || is_digit(c) || plain.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        }
    }
    if (!parameters.empty()) {
        uri += '?';
        uri += parameters;
    }
    return uri;
}

} // namespace hyperterse::adapter::sqlite
