#include "statement/effect.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace hyperterse::statement {

namespace {

// The tokens from the first word of the statement, and with the end.
using tokens_view = std::span<const token>;

bool always(const lexed& /*source*/, tokens_view /*statement*/) {
    return true;
}

bool changes_nothing(const lexed& source, tokens_view statement) {
    for (std::size_t index = 0; index < statement.size(); ++index) {
        const token& each = statement[index];
        if (each.kind != token_kind::word) {
            continue;
        }
        const token& previous = statement[index == 0 ? 0 : index - 1];
        const bool locks = source.is_word(each, "share") &&
            (source.is_word(previous, "for") || source.is_word(previous, "key"));
        const bool changes = (each.traits & trait::changes) != 0 && !source.is_symbol(previous, ".");
        if (locks || changes) {
            return false;
        }
    }
    return true;
}

bool only_explains(const lexed& source, tokens_view statement) {
    return std::ranges::none_of(statement, [&](const token& each) {
        return source.is_word(each, "analyze") || source.is_word(each, "analyse");
    });
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view each) {
        return equals_ignoring_case(word, each);
    });
}

// PRAGMA [schema.]name [= value | (value)]
bool pragma_reads(const lexed& source, tokens_view statement) {
    static constexpr std::array<std::string_view, 12> with_argument{
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "foreign_key_check",
        "integrity_check",
        "quick_check",
        "function_list",
        "module_list",
    };
    static constexpr std::array<std::string_view, 4> acting{
        "incremental_vacuum", "optimize", "shrink_memory", "wal_checkpoint"
    };
    std::size_t name = 1;
    if (statement.size() > 3 && source.is_symbol(statement[2], ".")) {
        name = 3;
    }
    if (name + 1 >= statement.size() || statement[name].kind != token_kind::word) {
        return false;
    }
    const std::string_view pragma = source.text_of(statement[name]);
    const token& next = statement[name + 1];
    if (source.is_symbol(next, "(")) {
        return is_one_of(pragma, with_argument);
    }
    const bool alone = next.kind == token_kind::end || source.is_symbol(next, ";");
    return alone && !is_one_of(pragma, acting);
}

struct statement_class {
    std::string_view word; // the first of the statement
    std::optional<dialect> only;
    bool (*reads)(const lexed&, tokens_view);
};
constexpr std::array<statement_class, 8> read_classes{{
    {"select", std::nullopt, changes_nothing},
    {"values", std::nullopt, changes_nothing},
    {"with", std::nullopt, changes_nothing},
    {"table", dialect::postgres, changes_nothing},
    {"show", dialect::postgres, always},
    {"explain", dialect::postgres, only_explains},
    {"explain", dialect::sqlite, always},
    {"pragma", dialect::sqlite, pragma_reads},
}};

} // namespace

effect apparent_effect(const lexed& source, dialect target) {
    const auto first = std::ranges::find_if_not(source.tokens, [&](const token& each) {
        return source.is_symbol(each, "(");
    });
    const tokens_view statement(first, source.tokens.end());
    const bool reads = std::ranges::any_of(read_classes, [&](const statement_class& row) {
        return (!row.only || *row.only == target) && source.is_word(*first, row.word) &&
            row.reads(source, statement);
    });
    return reads ? effect::read : effect::write;
}

} // namespace hyperterse::statement
