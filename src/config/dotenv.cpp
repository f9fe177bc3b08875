#include "config/dotenv.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace hyperterse::config {

namespace {

bool is_name_character(char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '.';
}

bool is_reference_character(char c) {
    return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

std::string lookup(const variables& known, std::string_view name) {
    const auto found = known.find(name);
    return found == known.end() ? std::string() : found->second;
}

// Appends what the `$` at `at` stands for and returns the offset after it.
std::size_t
append_reference(std::string& out, std::string_view text, std::size_t at, const variables& known) {
    const bool braces = text.substr(at + 1).starts_with('{');
    const std::size_t begin = at + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && is_reference_character(text[end])) {
        ++end;
    }
    const bool closed = !braces || text.substr(end).starts_with('}');
    if (end == begin || !closed) {
        out += '$';
        return at + 1;
    }
    out += lookup(known, text.substr(begin, end - begin));
    return braces ? end + 1 : end;
}

std::string expand_unquoted(std::string_view text, const variables& known) {
    std::string expanded;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with("\\$")) {
            expanded += '$';
            at += 2;
        } else if (text[at] == '$') {
            at = append_reference(expanded, text, at, known);
        } else {
            expanded += text[at++];
        }
    }
    return expanded;
}

char unescape(char c) {
    return c == 'n' ? '\n' : c == 'r' ? '\r' : c;
}

std::string expand_quoted(std::string_view text, const variables& known) {
    std::string expanded;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\\' && at + 1 < text.size()) {
            expanded += unescape(text[at + 1]);
            at += 2;
        } else if (text[at] == '$') {
            at = append_reference(expanded, text, at, known);
        } else {
            expanded += text[at++];
        }
    }
    return expanded;
}

class dotenv_reader {
public:
    dotenv_reader(const source_file& file, diagnostics& found) :
        file_(file), text_(file.text()), found_(found) {}

    variables read() {
        while (at_ < text_.size()) {
            skip_while(is_space);
            if (at_ < text_.size() && text_[at_] != '#') {
                read_entry();
            }
            skip_line();
        }
        return std::move(known_);
    }

private:
    void read_entry();
    std::optional<std::string> read_value();
    std::optional<std::string> read_quoted(char quote);
    std::string_view take_name();

    template <class Predicate>
    void skip_while(Predicate matches) {
        while (at_ < text_.size() && matches(text_[at_])) {
            ++at_;
        }
    }
    void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }
    void pass_over(std::size_t offset, std::string message) {
        found_.warning(file_.place(offset), std::move(message));
    }

    const source_file& file_;
    std::string_view text_;
    diagnostics& found_;
    std::size_t at_ = 0;
    variables known_;
};

std::string_view dotenv_reader::take_name() {
    const std::size_t begin = at_;
    skip_while(is_name_character);
    const std::string_view name = text_.substr(begin, at_ - begin);
    skip_while(is_blank);
    return name;
}

void dotenv_reader::read_entry() {
    const std::size_t begin = at_;
    std::string_view name = take_name();
    const bool assigned = at_ < text_.size() && (text_[at_] == '=' || text_[at_] == ':');
    if (name == "export" && !assigned) {
        name = take_name();
    }
    if (name.empty() || at_ == text_.size() || (text_[at_] != '=' && text_[at_] != ':')) {
        pass_over(begin, "not a variable: expected NAME=value");
        return;
    }
    ++at_;
    skip_while(is_blank);
    if (auto value = read_value()) {
        known_.insert_or_assign(std::string(name), *std::move(value));
    }
}

std::optional<std::string> dotenv_reader::read_value() {
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
        return read_quoted(text_[at_]);
    }
    const std::size_t begin = at_;
    skip_line();
    std::string_view value = text_.substr(begin, at_ - begin);
    for (std::size_t index = 0; index < value.size(); ++index) {
        if (value[index] == '#' && (index == 0 || is_space(value[index - 1]))) {
            value = value.substr(0, index);
        }
    }
    return expand_unquoted(trim(value), known_);
}

std::optional<std::string> dotenv_reader::read_quoted(char quote) {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != quote) {
        const bool escaped = text_[at_] == '\\' && at_ + 1 < text_.size();
        at_ += escaped ? 2 : 1;
    }
    if (at_ >= text_.size()) {
        pass_over(begin, "the closing quote is missing");
        at_ = text_.size();
        return std::nullopt;
    }
    const std::string_view inside = text_.substr(begin + 1, at_ - begin - 1);
    ++at_;
    skip_while(is_blank);
    if (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '#') {
        pass_over(at_, "unexpected text after the closing quote");
        return std::nullopt;
    }
    return quote == '"' ? expand_quoted(inside, known_) : std::string(inside);
}

} // namespace

variables parse_dotenv(const source_file& file, diagnostics& found) {
    return dotenv_reader(file, found).read();
}

} // namespace hyperterse::config
