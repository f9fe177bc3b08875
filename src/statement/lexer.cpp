#include "statement/lexer.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace hyperterse::statement {

namespace {

constexpr std::string_view allowed_tags = "write {{ inputs.NAME }}, {{#if inputs.NAME}}, {{else}} or {{/if}}";

bool is_word_start(char c) {
    return is_word_char(c) && !is_digit(c) && c != '$';
}

struct quoting {
    char close;
    bool doubled = true;    // two closing quotes are one in the text
    bool backslash = false; // a backslash takes the next character with it
    bool continued = false; // may go on after a newline
};

class lexer {
public:
    lexer(std::string_view text, const dialect_rules& rules) : rules_(rules) { out_.text = text; }

    lexed run() {
        out_.tokens.reserve(out_.text.size() / 4 + 2);
        for (bool more = true; more;) {
            token next{.gap = at_};
            skip_gap();
            next.begin = at_;
            next.first_tag = out_.tags.size();
            more = at_ < out_.text.size();
            if (more) {
                lex_token(next);
            }
            next.end = at_;
            next.tag_count = out_.tags.size() - next.first_tag;
            out_.tokens.push_back(next);
        }
        return std::move(out_);
    }

private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < out_.text.size() ? out_.text[at_ + ahead] : '\0';
    }
    bool at(std::string_view wanted) const { return out_.text.substr(at_).starts_with(wanted); }
    void problem_at(std::size_t offset, std::string message, std::string_view hint = {}) {
        out_.problems.push_back({offset, severity::error, std::move(message), std::string(hint)});
    }
    void unterminated(std::size_t begin, std::string_view what) {
        problem_at(begin, fmt::format("the {} that begins here has no end", what));
        out_.complete = false;
        at_ = out_.text.size();
    }

    void skip_gap();
    void skip_block_comment();
    void find_comment_tags(std::size_t begin);
    void lex_token(token& next);
    bool lex_prefixed(token& next);
    bool lex_dollar(token& next);
    void lex_string(token& next, std::size_t prefix_length);
    void lex_name(token& next, std::size_t prefix_length);
    bool lex_quoted(const quoting& how);
    bool lex_continuation();
    void lex_inner_tag();
    void lex_tag(token& next);
    bool begins_own_parameter() const;
    void take_while(bool (*wanted)(char)) {
        while (at_ < out_.text.size() && wanted(out_.text[at_])) {
            ++at_;
        }
    }

    const dialect_rules& rules_;
    lexed out_;
    std::size_t at_ = 0;
};

void lexer::skip_gap() {
    while (at_ < out_.text.size()) {
        const std::size_t begin = at_;
        if (is_space(peek())) {
            ++at_;
        } else if (at("--")) {
            at_ = std::min(out_.text.find_first_of(rules_.line_ends, at_), out_.text.size());
            out_.ends_in_line_comment = at_ == out_.text.size();
            find_comment_tags(begin);
        } else if (at("/*")) {
            skip_block_comment();
            find_comment_tags(begin);
        } else {
            return;
        }
    }
}

void lexer::skip_block_comment() {
    const std::size_t begin = at_;
    at_ += 2;
    for (std::size_t depth = 1; depth > 0;) {
        if (at_ >= out_.text.size()) {
            unterminated(begin, "comment");
            return;
        }
        if (at("*/")) {
            --depth;
            at_ += 2;
        } else if (rules_.nested_comments && at("/*")) {
            ++depth;
            at_ += 2;
        } else {
            ++at_;
        }
    }
}

void lexer::find_comment_tags(std::size_t begin) {
    const std::string_view read = out_.text.substr(0, at_);
    for (std::size_t brace = read.find("{{", begin); brace != std::string_view::npos;
         brace = read.find("{{", brace + 1)) {
        const tag_match match = match_tag(read, brace);
        if (match.result == tag_match::outcome::matched) {
            out_.comment_tags.push_back(match.found);
        }
    }
}

void lexer::lex_token(token& next) {
    const char c = peek();
    if (at("{{")) {
        lex_tag(next);
    } else if (lex_prefixed(next)) {
        return;
    } else if (is_word_start(c)) {
        take_while(is_word_char);
        next.kind = token_kind::word;
        next.traits = traits_of(out_.text.substr(next.begin, at_ - next.begin));
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
        take_while([](char digit) { return is_word_char(digit) || digit == '.'; });
        next.kind = token_kind::number;
    } else if (c == '\'') {
        lex_string(next, 0);
    } else if (rules_.name_quotes.find(c) != std::string_view::npos) {
        lex_name(next, 0);
    } else if (rules_.dollar_quotes && lex_dollar(next)) {
        return;
    } else if (begins_own_parameter()) {
        ++at_;
        take_while(is_word_char);
        next.kind = token_kind::own_parameter;
    } else {
        at_ += at("::") ? 2 : 1;
        next.kind = token_kind::symbol;
    }
}

bool lexer::begins_own_parameter() const {
    const char c = peek();
    return rules_.own_parameters.find(c) != std::string_view::npos && (c == '?' || is_word_char(peek(1)));
}

// E'…', X'…', U&'…', U&"…" and their like.
bool lexer::lex_prefixed(token& next) {
    const char letter = to_lower(peek());
    if (is_alpha(letter) && peek(1) == '\'' &&
        rules_.literal_prefixes.find(letter) != std::string_view::npos) {
        next.prefix = letter;
        lex_string(next, 1);
        return true;
    }
    const bool unicode = rules_.ampersand_prefix && letter == 'u' && peek(1) == '&';
    if (!unicode || (peek(2) != '\'' && peek(2) != '"')) {
        return false;
    }
    next.prefix = 'u';
    if (peek(2) == '"') {
        lex_name(next, 2);
    } else {
        lex_string(next, 2);
    }
    return true;
}

void lexer::lex_string(token& next, std::size_t prefix_length) {
    next.kind = token_kind::string;
    at_ += prefix_length + 1;
    if (!lex_quoted({.close = '\'', .backslash = next.prefix == 'e', .continued = rules_.continued_literals}
        )) {
        unterminated(next.begin, "literal");
    }
}

void lexer::lex_name(token& next, std::size_t prefix_length) {
    next.kind = token_kind::quoted_name;
    at_ += prefix_length;
    const char open = peek();
    ++at_;
    if (!lex_quoted({.close = open == '[' ? ']' : open, .doubled = open != '['})) {
        unterminated(next.begin, "quoted name");
    }
}

// Reads up to and with the closing quote; false when there is none.
bool lexer::lex_quoted(const quoting& how) {
    while (at_ < out_.text.size()) {
        if (peek() == how.close) {
            ++at_;
            if (how.doubled && peek() == how.close) {
                ++at_;
            } else if (!how.continued || !lex_continuation()) {
                return true;
            }
        } else if (how.backslash && peek() == '\\') {
            ++at_;
            if (at("{{") && match_tag(out_.text, at_).result != tag_match::outcome::foreign) {
                problem_at(at_ - 1, "a backslash cannot stand directly before a placeholder", "write two");
            }
            at_ += at_ < out_.text.size() ? 1 : 0;
        } else if (at("{{")) {
            lex_inner_tag();
        } else {
            ++at_;
        }
    }
    return false;
}

// After a closing quote: goes on behind the next opening one when only white space with a newline, and line
// comments, stand between the two.
bool lexer::lex_continuation() {
    const std::string_view text = out_.text;
    bool newline = false;
    for (std::size_t ahead = at_; ahead < text.size();) {
        if (is_space(text[ahead])) {
            newline = newline || text[ahead] == '\n' || text[ahead] == '\r';
            ++ahead;
        } else if (text.substr(ahead).starts_with("--")) {
            ahead = std::min(text.find_first_of(rules_.line_ends, ahead), text.size());
        } else if (newline && text[ahead] == '\'') {
            at_ = ahead + 1;
            return true;
        } else {
            return false;
        }
    }
    return false;
}

// Two braces inside quotes are plain text unless they begin a placeholder.
void lexer::lex_inner_tag() {
    const tag_match match = match_tag(out_.text, at_);
    const bool branch = match.found.kind == tag_kind::otherwise || match.found.kind == tag_kind::end_if;
    if (match.result == tag_match::outcome::foreign || branch) {
        ++at_;
    } else if (match.result == tag_match::outcome::matched) {
        out_.tags.push_back(match.found);
        at_ = match.found.end;
    } else {
        problem_at(
            at_, fmt::format("'{}' is not a correct placeholder", excerpt(out_.text, at_)), allowed_tags
        );
        at_ += 2;
    }
}

void lexer::lex_tag(token& next) {
    next.kind = token_kind::tag;
    const tag_match match = match_tag(out_.text, at_);
    if (match.result == tag_match::outcome::matched) {
        out_.tags.push_back(match.found);
        at_ = match.found.end;
        return;
    }
    const std::size_t close = out_.text.find("}}", at_);
    const bool open = match.result == tag_match::outcome::unclosed || close == std::string_view::npos;
    problem_at(
        at_,
        open ? std::string("'{{' has no '}}'")
             : fmt::format("'{}' is not a correct placeholder", excerpt(out_.text, at_)),
        allowed_tags
    );
    at_ = open ? at_ + 2 : close + 2;
}

// $tag$ … $tag$, where the tag is empty or a word without a $.
bool lexer::lex_dollar(token& next) {
    if (peek() != '$') {
        return false;
    }
    std::size_t ahead = at_ + 1;
    while (ahead < out_.text.size() && is_word_char(out_.text[ahead]) && out_.text[ahead] != '$') {
        ++ahead;
    }
    if (ahead >= out_.text.size() || out_.text[ahead] != '$' || is_digit(peek(1))) {
        return false;
    }
    const std::string_view quote = out_.text.substr(at_, ahead + 1 - at_);
    next.kind = token_kind::dollar_string;
    at_ = ahead + 1;
    const std::size_t close = out_.text.find(quote, at_);
    if (close == std::string_view::npos) {
        unterminated(next.begin, "dollar-quoted literal");
        return true;
    }
    for (std::size_t brace = out_.text.find("{{", at_); brace < close; brace = out_.text.find("{{", at_)) {
        at_ = brace;
        lex_inner_tag();
    }
    at_ = close + quote.size();
    return true;
}

} // namespace

bool lexed::is_word(const token& each, std::string_view word) const {
    return each.kind == token_kind::word && equals_ignoring_case(text_of(each), word);
}

bool lexed::is_whole_literal(const token& each) const {
    return each.kind == token_kind::string && each.tag_count == 1 &&
        tags[each.first_tag].begin == each.content() && tags[each.first_tag].end + 1 == each.end;
}

lexed lex(std::string_view text, const dialect_rules& rules) {
    return lexer(text, rules).run();
}

} // namespace hyperterse::statement
