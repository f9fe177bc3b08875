#include "base/log.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <string>
#include <thread>

namespace hyperterse::log {

namespace {

constexpr std::size_t queue_lines = 8'192;

struct level_row {
    level severity;
    std::string_view name;
    char letter;
};
constexpr std::array levels{
    level_row{level::error, "error", 'E'},
    level_row{level::warn, "warn", 'W'},
    level_row{level::info, "info", 'I'},
    level_row{level::debug, "debug", 'D'},
};
const level_row& row(level severity) {
    return levels[static_cast<std::size_t>(severity) - 1];
}

// The backend: spdlog's bounded queue and its one thread, which drops the oldest line when the queue is full.
struct backend {
    std::shared_ptr<spdlog::details::thread_pool> queue;
    std::shared_ptr<spdlog::async_logger> logger;
    std::atomic<std::size_t> dropped_seen = 0;
};

std::atomic<level> threshold = level::info;
std::atomic<format> style = format::text;
std::unique_ptr<backend> running;

std::string now_text() {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), (now - seconds).count());
}

// Keeps a line one line: control characters become \xNN.
void append_printable(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
}

struct append_text_field {
    std::string& out;
    void operator()(std::string_view text) const {
        const bool quoted = text.empty() || text.find_first_of(" \"=") != std::string_view::npos;
        if (quoted) {
            append_json_string(out, text);
        } else {
            append_printable(out, text);
        }
    }
    void operator()(std::int64_t number) const { append_json_number(out, number); }
    void operator()(double number) const { append_json_number(out, number); }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
};

struct append_json_field {
    std::string& out;
    void operator()(std::string_view text) const { append_json_string(out, text); }
    void operator()(std::int64_t number) const { append_json_number(out, number); }
    void operator()(double number) const { append_json_number(out, number); }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
};

std::string
text_line(level severity, std::string_view tag, std::string_view message, std::span<const field> fields) {
    std::string line = fmt::format("{}   {}   ", now_text(), row(severity).letter);
    append_printable(line, tag);
    line += ": ";
    append_printable(line, message);
    for (const field& each : fields) {
        line += ' ';
        line += each.name;
        line += '=';
        std::visit(append_text_field{line}, each.content);
    }
    return line;
}

std::string
json_line(level severity, std::string_view tag, std::string_view message, std::span<const field> fields) {
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","tag":)", now_text(), row(severity).name);
    append_json_string(line, tag);
    line += ",\"message\":";
    append_json_string(line, message);
    for (const field& each : fields) {
        line += ',';
        append_json_string(line, each.name);
        line += ':';
        std::visit(append_json_field{line}, each.content);
    }
    line += '}';
    return line;
}

std::string
format_line(level severity, std::string_view tag, std::string_view message, std::span<const field> fields) {
    return style == format::json ? json_line(severity, tag, message, fields)
                                 : text_line(severity, tag, message, fields);
}

void report_dropped(backend& to) {
    const std::size_t dropped = to.queue->overrun_counter();
    const std::size_t seen = to.dropped_seen.exchange(dropped);
    if (dropped > seen) {
        const field count{"count", static_cast<std::int64_t>(dropped - seen)};
        const std::string line = format_line(
            level::warn, "log", "lines dropped, the reader of the log is too slow", std::span(&count, 1)
        );
        to.logger->info(spdlog::string_view_t(line));
    }
}

} // namespace

std::optional<level> parse_level(std::string_view text) {
    for (const level_row& each : levels) {
        const char digit = static_cast<char>('0' + static_cast<int>(each.severity));
        if (equals_ignoring_case(text, each.name) || text == std::string_view(&digit, 1)) {
            return each.severity;
        }
    }
    return std::nullopt;
}

void start(const options& chosen) {
    threshold = chosen.threshold;
    style = chosen.style;
    auto started = std::make_unique<backend>();
    started->queue = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
    started->logger = std::make_shared<spdlog::async_logger>(
        "hyperterse",
        std::make_shared<spdlog::sinks::stderr_sink_mt>(),
        started->queue,
        spdlog::async_overflow_policy::overrun_oldest
    );
    started->logger->set_pattern("%v");
    running = std::move(started);
}

void stop() {
    running.reset();
}

void flush() {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (running && running->queue->queue_size() > 0 && std::chrono::steady_clock::now() < patience) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

bool enabled(level wanted) {
    return wanted <= threshold.load(std::memory_order_relaxed);
}

void write(level severity, std::string_view tag, std::string_view message, std::span<const field> fields) {
    if (!enabled(severity)) {
        return;
    }
    const std::string line = format_line(severity, tag, message, fields);
    if (running) {
        report_dropped(*running);
        running->logger->info(spdlog::string_view_t(line));
    } else {
        fmt::print(stderr, "{}\n", line);
    }
}

} // namespace hyperterse::log
