#include "config/substitution.hpp"

#include "base/text.hpp"
#include "config/source_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace hyperterse::config {

namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

enum class origin : std::uint8_t { environment, file };

struct placeholder {
    origin from;
    std::string_view name; // of the variable, or the path
    std::optional<std::string> fallback;
    std::size_t length; // in bytes, braces included
};

bool is_variable_character(char c) {
    return is_alpha(c) || is_digit(c) || c == '_';
}

// Takes a placeholder apart, from its `{{` on.
class placeholder_parser {
public:
    explicit placeholder_parser(std::string_view text) : text_(text), at_(opening.size()) {}

    // Empty: some other {{ … }}, not ours. REQUIRES before parse().
    std::optional<origin> find_origin() {
        skip_space();
        if (skip("env.")) {
            return origin::environment;
        }
        return skip("file.") ? std::optional(origin::file) : std::nullopt;
    }

    // Empty: malformed.
    std::optional<placeholder> parse(origin from) {
        placeholder parsed{.from = from, .name = {}, .fallback = std::nullopt, .length = 0};
        parsed.name = from == origin::environment ? take_variable() : take_path();
        skip_space();
        const bool has_default = from == origin::environment && skip("|");
        if (has_default) {
            parsed.fallback = take_default();
        }
        skip_space();
        if (parsed.name.empty() || (has_default && !parsed.fallback) || !skip(closing)) {
            return std::nullopt;
        }
        parsed.length = at_;
        return parsed;
    }

private:
    bool skip(std::string_view wanted) {
        const bool found = text_.substr(at_).starts_with(wanted);
        at_ += found ? wanted.size() : 0;
        return found;
    }
    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
        }
    }
    std::string_view take_variable() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_variable_character(text_[at_])) {
            ++at_;
        }
        return text_.substr(begin, at_ - begin);
    }
    std::string_view take_path() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_space(text_[at_]) && !text_.substr(at_).starts_with(closing)) {
            ++at_;
        }
        return text_.substr(begin, at_ - begin);
    }
    // default("text") or default('text'); a backslash takes the next character as it is.
    std::optional<std::string> take_default() {
        skip_space();
        if (!skip("default")) {
            return std::nullopt;
        }
        skip_space();
        if (!skip("(")) {
            return std::nullopt;
        }
        skip_space();
        auto quoted = take_quoted();
        skip_space();
        return skip(")") ? quoted : std::nullopt;
    }
    std::optional<std::string> take_quoted() {
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '"' && quote != '\'') {
            return std::nullopt;
        }
        std::string inside;
        for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
            at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 1 : 0;
            inside += text_[at_];
        }
        return skip({&quote, 1}) ? std::optional(std::move(inside)) : std::nullopt;
    }

    std::string_view text_;
    std::size_t at_;
};

struct lookup_outcome {
    std::string text;
    bool secret = false;
    std::string problem; // not empty: there is no value
};

lookup_outcome read_variable(const placeholder& wanted, const environment& variables) {
    if (auto set = variables(wanted.name)) {
        return {.text = *std::move(set), .secret = true, .problem = {}};
    }
    if (wanted.fallback) {
        return {.text = *wanted.fallback, .secret = false, .problem = {}};
    }
    return {
        .text = {},
        .secret = false,
        .problem = fmt::format("environment variable '{}' is not set", wanted.name)
    };
}

lookup_outcome read_secret_file(const placeholder& wanted, const std::filesystem::path& directory) {
    file_bytes read = read_file(directory / wanted.name);
    if (!read.bytes) {
        return {
            .text = {},
            .secret = false,
            .problem = fmt::format("secret file '{}': {}", wanted.name, read.problem)
        };
    }
    std::string text = *std::move(read.bytes);
    if (text.ends_with('\n')) {
        text.pop_back();
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    return {.text = std::move(text), .secret = true, .problem = {}};
}

class substituter {
public:
    substituter(std::string_view written, const substitution_sources& sources, substitution_use use) :
        written_(written), sources_(sources), use_(use) {}

    substituted_text run() {
        std::size_t open = written_.find(opening);
        while (open != std::string_view::npos) {
            open = written_.find(opening, handle(open));
        }
        result_.text += written_.substr(copied_);
        if (use_ == substitution_use::statement) {
            refuse_new_placeholders();
        }
        return std::move(result_);
    }

private:
    // Returns where to look on.
    std::size_t handle(std::size_t open);
    void replace(std::size_t open, const placeholder& found);
    void refuse_new_placeholders();
    void problem(std::size_t offset, std::string message, std::string hint = {}) {
        result_.problems.push_back({offset, std::move(message), std::move(hint)});
    }

    std::string_view written_;
    const substitution_sources& sources_;
    substitution_use use_;
    substituted_text result_;
    std::size_t copied_ = 0; // bytes of written_ that are dealt with
};

std::size_t substituter::handle(std::size_t open) {
    placeholder_parser parser(written_.substr(open));
    const auto from = parser.find_origin();
    if (!from) {
        return open + 1;
    }
    const auto found = parser.parse(*from);
    if (!found) {
        problem(
            open,
            "malformed substitution",
            R"(write {{ env.NAME }}, {{ env.NAME | default("text") }} or {{ file./path }})"
        );
        return open + opening.size();
    }
    replace(open, *found);
    return open + found->length;
}

void substituter::replace(std::size_t open, const placeholder& found) {
    const lookup_outcome read = found.from == origin::environment
        ? read_variable(found, sources_.variables)
        : read_secret_file(found, sources_.directory);
    if (!read.problem.empty()) {
        problem(open, read.problem);
        return;
    }
    result_.text += written_.substr(copied_, open - copied_);
    result_.replacements.push_back({open, found.length, result_.text.size(), read.text.size()});
    result_.text += read.text;
    result_.secret = result_.secret || read.secret;
    copied_ = open + found.length;
}

// No `{{ … }}` of the result may have a byte that was put in, or a place where nothing was.
void substituter::refuse_new_placeholders() {
    const std::string_view text = result_.text;
    const auto end_of = [](const replacement& each) { return each.to + each.size; };
    std::size_t open = text.find(opening);
    while (open != std::string_view::npos) {
        const std::size_t close = text.find(closing, open + opening.size());
        const std::size_t end = close == std::string_view::npos ? text.size() : close + closing.size();
        const auto touching = std::ranges::upper_bound(result_.replacements, open, {}, end_of);
        if (touching != result_.replacements.end() && touching->to < end) {
            problem(touching->from, "what is substituted into a statement must not be part of a '{{ … }}'");
        }
        open = text.find(opening, end);
    }
}

} // namespace

substituted_text
substitute(std::string_view written, const substitution_sources& sources, substitution_use use) {
    return substituter(written, sources, use).run();
}

} // namespace hyperterse::config
