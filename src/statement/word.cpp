#include "statement/word.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace hyperterse::statement {

namespace {

using namespace trait;

struct word_row {
    std::string_view word;
    word_traits traits;
};

constexpr std::array words{
    word_row{"all", takes_value},
    word_row{"and", takes_value},
    word_row{"any", takes_value},
    word_row{"as", takes_name},
    word_row{"asymmetric", takes_value},
    word_row{"between", takes_value},
    word_row{"bigint", type_name},
    word_row{"bool", type_name},
    word_row{"boolean", type_name},
    word_row{"both", takes_value},
    word_row{"by", takes_value},
    word_row{"bytea", type_name},
    word_row{"case", takes_value},
    word_row{"cidr", type_name},
    word_row{"collate", takes_name},
    word_row{"column", takes_name},
    word_row{"date", type_name},
    word_row{"daterange", type_name},
    word_row{"decimal", type_name},
    word_row{"delete", begins_query | changes},
    word_row{"distinct", takes_value},
    word_row{"else", takes_value},
    word_row{"escape", takes_value},
    word_row{"except", ends_list},
    word_row{"fetch", takes_value | ends_list},
    word_row{"first", takes_value},
    word_row{"float4", type_name},
    word_row{"float8", type_name},
    word_row{"for", takes_value | ends_list},
    word_row{"from", takes_value},
    word_row{"function", takes_name},
    word_row{"glob", takes_value},
    word_row{"group", ends_list},
    word_row{"groups", takes_value | ends_list},
    word_row{"having", takes_value | ends_list},
    word_row{"ilike", takes_value},
    word_row{"inet", type_name},
    word_row{"insert", begins_query | changes},
    word_row{"int", type_name},
    word_row{"int2", type_name},
    word_row{"int4", type_name},
    word_row{"int8", type_name},
    word_row{"integer", type_name},
    word_row{"intersect", ends_list},
    word_row{"interval", type_name},
    word_row{"into", takes_name | changes},
    word_row{"join", takes_name},
    word_row{"json", type_name},
    word_row{"jsonb", type_name},
    word_row{"lateral", takes_name},
    word_row{"leading", takes_value},
    word_row{"like", takes_value},
    word_row{"limit", takes_value | ends_list},
    word_row{"macaddr", type_name},
    word_row{"match", takes_value},
    word_row{"merge", begins_query | changes},
    word_row{"money", type_name},
    word_row{"next", takes_value},
    word_row{"not", takes_value},
    word_row{"numeric", type_name},
    word_row{"offset", takes_value | ends_list},
    word_row{"on", takes_value | ends_list},
    word_row{"only", takes_name},
    word_row{"or", takes_value},
    word_row{"order", ends_list},
    word_row{"placing", takes_value},
    word_row{"point", type_name},
    word_row{"range", takes_value | ends_list},
    word_row{"real", type_name},
    word_row{"regexp", takes_value},
    word_row{"returning", takes_value | ends_list},
    word_row{"rows", takes_value | ends_list},
    word_row{"select", takes_value | begins_query},
    word_row{"set", takes_name | ends_list},
    word_row{"smallint", type_name},
    word_row{"some", takes_value},
    word_row{"symmetric", takes_value},
    word_row{"table", takes_name | begins_query},
    word_row{"text", type_name},
    word_row{"then", takes_value},
    word_row{"time", type_name},
    word_row{"timestamp", type_name},
    word_row{"timestamptz", type_name},
    word_row{"timetz", type_name},
    word_row{"to", takes_value},
    word_row{"trailing", takes_value},
    word_row{"tsquery", type_name},
    word_row{"tsvector", type_name},
    word_row{"union", ends_list},
    word_row{"update", takes_name | begins_query | changes},
    word_row{"using", takes_value | ends_list},
    word_row{"uuid", type_name},
    word_row{"values", takes_value | ends_list},
    word_row{"varchar", type_name},
    word_row{"variadic", takes_value},
    word_row{"vector", type_name},
    word_row{"view", takes_name},
    word_row{"when", takes_value},
    word_row{"where", takes_value | ends_list},
    word_row{"window", ends_list},
    word_row{"with", begins_query},
    word_row{"xml", type_name},
    word_row{"zone", takes_value},
};
static_assert(std::ranges::is_sorted(words, {}, &word_row::word), "traits_of() searches by halves");

constexpr std::size_t longest_word =
    std::ranges::max(words, {}, [](const word_row& row) { return row.word.size(); }).word.size();

} // namespace

word_traits traits_of(std::string_view word) {
    if (word.size() > longest_word) {
        return 0;
    }
    std::array<char, longest_word> buffer;
    std::ranges::transform(word, buffer.begin(), to_lower);
    const std::string_view lower(buffer.data(), word.size());
    const auto row = std::ranges::lower_bound(words, lower, {}, &word_row::word);
    return row != words.end() && row->word == lower ? row->traits : word_traits{0};
}

bool is_word_char(char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

} // namespace hyperterse::statement
