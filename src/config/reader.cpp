#include "config/reader.hpp"

#include "base/text.hpp"
#include "config/text_runs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace hyperterse::config {

namespace {

constexpr std::string_view string_tag = "tag:yaml.org,2002:str";
constexpr std::string_view core_tags = "tag:yaml.org,2002:";

// Quoted and tagged text is text, unless the tag asks for another of the core types.
scalar_kind kind_of(const node& given) {
    if (given.tag.empty()) {
        return given.style == scalar_style::plain ? resolve_plain(given.text) : scalar_kind::text;
    }
    return given.tag == string_tag || !given.tag.starts_with(core_tags) ? scalar_kind::text
                                                                        : resolve_plain(given.text);
}

bool is_null(const node& given) {
    return given.kind == node_kind::scalar && kind_of(given) == scalar_kind::null;
}

std::string quoted(const scalar_text& given, const shape& accepts) {
    constexpr std::size_t longest = 60;
    if (given.secret || accepts.confidential) {
        return "***";
    }
    const bool long_text = given.text.size() > longest || given.text.find('\n') != std::string::npos;
    return long_text ? "that" : fmt::format("'{}'", given.text);
}

std::string_view kind_words(node_kind kind) {
    return kind == node_kind::mapping ? "a map" : "a list";
}

} // namespace

class reader::path_scope {
public:
    path_scope(reader& of, std::string_view what, std::string_view name = {}) : of_(of) {
        of_.path_.emplace_back(what, name);
    }
    path_scope(const path_scope&) = delete;
    path_scope& operator=(const path_scope&) = delete;
    ~path_scope() { of_.path_.pop_back(); }

private:
    reader& of_;
};

// "query 'q', input 'id': ", "server.limits: " or "".
std::string reader::path() const {
    std::string text;
    bool after_key = false;
    for (const auto& [what, name] : path_) {
        if (!text.empty()) {
            text += after_key && name.empty() ? "." : ", ";
        }
        text += name.empty() ? std::string(what) : fmt::format("{} '{}'", what, name);
        after_key = name.empty();
    }
    return text.empty() ? text : text + ": ";
}

void reader::error(location where, std::string_view message, std::string hint) {
    found_.error(std::move(where), path().append(message), std::move(hint));
}

void reader::warning(location where, std::string_view message, std::string hint) {
    found_.warning(std::move(where), path().append(message), std::move(hint));
}

void reader::refuse(
    const field& row, const location& where, bool wrong_kind, std::string expected, std::string hint
) {
    const bool forgiven =
        row.forgives == tolerance::any || (row.forgives == tolerance::wrong_kind && wrong_kind);
    const std::string message = fmt::format("'{}' {}", row.key, expected);
    if (forgiven) {
        warning(where, message + "; it is ignored", std::move(hint));
    } else {
        error(where, message, std::move(hint));
    }
}

void reader::unknown_key(const table& of, const node& key) {
    std::vector<std::string_view> known;
    for (const field& row : of.fields) {
        if (row.needed != presence::planned) {
            known.push_back(row.key);
        }
    }
    std::string hint = did_you_mean(key.text, known);
    if (hint.empty()) {
        hint = fmt::format("known keys: {}", join(known));
    }
    if (lenient_) {
        warning(place(key), fmt::format("unknown key '{}' is ignored", key.text), std::move(hint));
    } else {
        error(place(key), fmt::format("unknown key '{}'", key.text), std::move(hint));
    }
}

void reader::member_of(const table& of, const member& given, void* target, std::uint64_t& seen) {
    const field* const row = find_field(of, given.key->text);
    if (row == nullptr) {
        if (of.other == nullptr) {
            unknown_key(of, *given.key);
        } else {
            of.other(*this, *given.key, *given.value, target);
        }
        return;
    }
    if (is_null(*given.value) && !row->accepts.null_too) {
        return;
    }
    const std::uint64_t bit = std::uint64_t{1} << (row - of.fields.data());
    if ((seen & bit) != 0) {
        warning(
            place(*given.key),
            fmt::format("'{}' is ignored: '{}' is already set by another name", given.key->text, row->key)
        );
        return;
    }
    seen |= bit;
    if (row->needed == presence::planned) {
        error(place(*given.key), fmt::format("'{}' is not supported by this build yet", row->key));
    } else if (!given.value->broken) {
        row->store(*this, *row, *given.value, target);
    }
}

void reader::section(const location& at, const node& map, const table& of, void* target) {
    std::uint64_t seen = 0;
    const std::size_t outer = std::exchange(errors_before_, found_.error_count());
    for (const member& each : map.members) {
        member_of(of, each, target, seen);
    }
    for (std::size_t index = 0; index < of.fields.size(); ++index) {
        const field& row = of.fields[index];
        if (row.needed == presence::required && (seen >> index & 1) == 0) {
            error(at, fmt::format("'{}' is required", row.key));
        }
    }
    if (of.finish != nullptr) {
        of.finish(*this, at, target);
    }
    errors_before_ = outer;
}

void reader::nested_section(const field& row, const node& given, void* target) {
    if (expect(row, given, node_kind::mapping)) {
        const path_scope inside(*this, row.key);
        section(place(given), given, *row.accepts.nested, target);
    }
}

std::vector<member> reader::entries(const field& row, const node& given) {
    std::vector<member> good;
    if (!expect(row, given, node_kind::mapping)) {
        return good;
    }
    const shape& accepts = row.accepts;
    for (const member& each : given.members) {
        const std::string_view name = each.key->text;
        if (!accepts.names->matches(name)) {
            error(
                place(*each.key),
                fmt::format("{} '{}': its name {}", accepts.entry, name, accepts.names->words)
            );
        } else if (each.value->kind != node_kind::mapping) {
            error(place(*each.key), fmt::format("{} '{}' must be a map", accepts.entry, name));
        } else if (!each.value->broken) {
            good.push_back(each);
        }
    }
    return good;
}

void reader::entry(const field& row, const member& given, void* target) {
    const path_scope inside(*this, row.accepts.entry, given.key->text);
    section(place(*given.key), *given.value, *row.accepts.nested, target);
}

bool reader::expect(const field& row, const node& given, node_kind wanted) {
    if (given.kind != wanted) {
        refuse(row, place(given), true, fmt::format("must be {}", kind_words(wanted)), {});
    }
    return given.kind == wanted;
}

std::optional<scalar_text> reader::resolve(const node& given, substitution_use use) {
    if (given.text.find("{{") == std::string_view::npos) {
        return scalar_text{.text = std::string(given.text), .kind = kind_of(given)};
    }
    substituted_text substituted = substitute(given.text, sources_, use);
    if (!substituted.problems.empty()) {
        const located_text written = locate(file_, given);
        for (substitution_problem& each : substituted.problems) {
            error(written.at(each.offset), each.message, std::move(each.hint));
        }
        return std::nullopt;
    }
    return scalar_text{
        .text = std::move(substituted.text),
        .kind = scalar_kind::text,
        .secret = substituted.secret,
        .substituted = !substituted.replacements.empty(),
    };
}

std::optional<scalar_value>
reader::checked_scalar(const field& row, const shape& accepts, const node& given) {
    if (given.broken) {
        return std::nullopt;
    }
    if (given.kind != node_kind::scalar) {
        converted no_scalar = convert(accepts, {.text = {}, .kind = scalar_kind::null});
        std::string expected = fmt::format("{}, not {}", no_scalar.why_not.expected, kind_words(given.kind));
        refuse(row, place(given), true, std::move(expected), {});
        return std::nullopt;
    }
    const auto use =
        accepts.type == shape::kind::text_entries ? substitution_use::statement : substitution_use::value;
    const auto text = resolve(given, use);
    if (!text) {
        return std::nullopt;
    }
    converted read = convert(accepts, *text);
    if (!read.value) {
        std::string expected = std::move(read.why_not.expected);
        if (!text->text.empty()) {
            expected += fmt::format(", not {}", quoted(*text, accepts));
        }
        refuse(row, place(given), read.why_not.wrong_kind, std::move(expected), std::move(read.why_not.hint));
        return std::nullopt;
    }
    read.value->where = place(given);
    read.value->secret = text->secret;
    return std::move(read.value);
}

std::optional<scalar_value> reader::scalar(const field& row, const node& given) {
    return checked_scalar(row, row.accepts, given);
}

std::vector<scalar_value> reader::scalar_list(const field& row, const node& given) {
    std::vector<scalar_value> list;
    const bool single = row.accepts.single_too && given.kind == node_kind::scalar;
    if (!single && !expect(row, given, node_kind::sequence)) {
        return list;
    }
    const node* const alone = &given;
    for (const node* each : single ? std::span(&alone, 1) : given.items) {
        if (auto read = checked_scalar(row, row.accepts, *each)) {
            list.push_back(*std::move(read));
        }
    }
    return list;
}

std::optional<literal> reader::literal_scalar(const node& given) {
    const auto text = resolve(given, substitution_use::value);
    if (!text) {
        return std::nullopt;
    }
    literal made{.text = text->text, .items = {}, .where = place(given), .secret = text->secret};
    switch (text->kind) {
    case scalar_kind::null:
        made.type = literal::kind::null;
        break;
    case scalar_kind::boolean:
        made.type = literal::kind::boolean;
        made.text = boolean_value(text->text) ? "true" : "false";
        break;
    case scalar_kind::integer:
    case scalar_kind::floating:
        made.type = literal::kind::number;
        made.text = decimal_text(text->text);
        break;
    case scalar_kind::text:
        made.type = literal::kind::string;
        break;
    }
    return made;
}

std::optional<literal> reader::any_literal(const field& row, const node& given) {
    switch (given.kind) {
    case node_kind::scalar:
        return literal_scalar(given);
    case node_kind::sequence: {
        literal list{.type = literal::kind::list, .text = {}, .items = {}, .where = place(given)};
        list.items = literal_list(row, given);
        return list;
    }
    case node_kind::mapping:
        refuse(
            row,
            place(given),
            true,
            "must not be a map",
            "a value of type json is written as JSON text in quotes"
        );
        return std::nullopt;
    }
    return std::nullopt;
}

std::vector<literal> reader::literal_list(const field& row, const node& given) {
    std::vector<literal> list;
    if (!expect(row, given, node_kind::sequence)) {
        return list;
    }
    for (const node* each : given.items) {
        if (each->broken) {
            continue;
        }
        if (each->kind != node_kind::scalar) {
            refuse(row, place(*each), true, fmt::format("must not hold {}", kind_words(each->kind)), {});
        } else if (auto read = literal_scalar(*each)) {
            list.push_back(*std::move(read));
        }
    }
    return list;
}

std::optional<located_text> reader::template_text(const located_text& written, const field& row) {
    if (trim(written.value).empty()) {
        refuse(row, written.where, false, "must not be empty", {});
        return std::nullopt;
    }
    substituted_text substituted = substitute(written.value, sources_, substitution_use::statement);
    for (substitution_problem& each : substituted.problems) {
        error(written.at(each.offset), each.message, std::move(each.hint));
    }
    if (!substituted.problems.empty()) {
        return std::nullopt;
    }
    return substituted.replacements.empty() ? written : apply(written, substituted);
}

std::optional<located_text> reader::statement(const field& row, const node& given) {
    if (given.kind != node_kind::scalar || kind_of(given) != scalar_kind::text) {
        refuse(row, place(given), true, "must be text", {});
        return std::nullopt;
    }
    return template_text(locate(file_, given), row);
}

std::optional<located_text> reader::statement_file(const field& row, const node& given) {
    const auto path = scalar(row, given);
    if (!path) {
        return std::nullopt;
    }
    const std::filesystem::path file = (sources_.directory / path->text).lexically_normal();
    file_bytes read = read_file(file);
    if (!read.bytes) {
        const std::string_view shown_path =
            path->secret ? std::string_view("***") : std::string_view(path->text);
        error(path->where, fmt::format("'{}' '{}': {}", row.key, shown_path, read.problem));
        return std::nullopt;
    }
    const source_file text(path->secret ? "***" : file.string(), *std::move(read.bytes));
    return template_text(locate(text), row);
}

std::optional<located<std::string>> reader::option_text(const node& key, const node& given) {
    if (given.broken) {
        return std::nullopt;
    }
    if (given.kind != node_kind::scalar || is_null(given)) {
        warning(place(given), fmt::format("'{}' must be a single value; it is ignored", key.text));
        return std::nullopt;
    }
    const auto read = literal_scalar(given);
    if (!read) {
        return std::nullopt;
    }
    return located<std::string>{.value = read->text, .where = read->where, .secret = read->secret};
}

std::vector<std::pair<located<std::string>, located<std::string>>>
reader::text_entries(const field& row, const node& given) {
    std::vector<std::pair<located<std::string>, located<std::string>>> list;
    if (!expect(row, given, node_kind::mapping)) {
        return list;
    }
    const path_scope inside(*this, row.key);
    for (const member& each : given.members) {
        field of_entry = row;
        of_entry.key = each.key->text;
        if (auto text = checked_scalar(of_entry, row.accepts, *each.value)) {
            list.emplace_back(
                located<std::string>{.value = std::string(each.key->text), .where = place(*each.key)},
                located<std::string>{.value = text->text, .where = text->where, .secret = text->secret}
            );
        }
    }
    return list;
}

} // namespace hyperterse::config
