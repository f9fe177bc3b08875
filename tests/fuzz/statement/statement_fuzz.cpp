#include "statement/compile.hpp"
#include "statement/lexer.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hyperterse::statement;
using hyperterse::value_type;

const std::array<std::string, 3> fragments{"name ASC", "lower(\"a b\")", "'it''s'"};
const std::vector<input_declaration> inputs{
    {.name = "a", .type = value_type::string},
    {.name = "b-c", .type = value_type::integer},
    {.name = "list", .type = value_type::integer, .array = true},
    {.name = "sort", .type = value_type::choice, .fragments = fragments},
};

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// No placeholder outside of comments, and no parameter but those that are bound.
void check_statement(const statement& made, const dialect_rules& rules) {
    const lexed read = lex(made.text.view(), rules);
    require(read.complete && read.tags.empty());
    for (const token& each : read.tokens) {
        if (each.kind != token_kind::own_parameter) {
            continue;
        }
        const std::string_view digits = read.text_of(each).substr(1);
        std::size_t number = 0;
        const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        require(failure == std::errc() && end == digits.data() + digits.size());
        require(number >= 1 && number <= made.parameters.size());
    }
}

void check_template(std::string_view source, dialect target) {
    const compile_result result = compile(source, target, inputs);
    bool failed = false;
    std::size_t previous = 0;
    for (const problem& each : result.problems) {
        failed = failed || each.level == hyperterse::severity::error;
        require(each.offset >= previous && each.offset <= source.size());
        previous = each.offset;
    }
    require(result.compiled.has_value() != failed);
    if (!result.compiled) {
        return;
    }
    std::size_t combinations = 1;
    for (const selector& each : result.compiled->selectors) {
        combinations *= each.options;
    }
    require(result.compiled->variants.size() == combinations && combinations <= max_variants);
    for (const statement& each : result.compiled->variants) {
        check_statement(each, rules_of(target));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string source(data, data + size);
    check_template(source, dialect::sqlite);
    check_template(source, dialect::postgres);
    return 0;
}
