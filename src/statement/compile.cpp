#include "statement/compile.hpp"

#include "statement/check.hpp"
#include "statement/emit.hpp"
#include "statement/expand.hpp"
#include "statement/lexer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

namespace hyperterse::statement {

namespace {

// The options of the combination after this one, the last selector varying fastest; false after the last.
bool advance(std::vector<std::size_t>& options, std::span<const selector> selectors) {
    for (std::size_t index = options.size(); index-- > 0;) {
        if (++options[index] < selectors[index].options) {
            return true;
        }
        options[index] = 0;
    }
    return false;
}

void append(std::vector<problem>& to, std::vector<problem> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool is_error(const problem& found) {
    return found.level == severity::error;
}

// In order of offset, each once: the same fault shows in several combinations.
void sort_unique(std::vector<problem>& problems) {
    const auto key = [](const problem& each) { return std::tie(each.offset, each.message); };
    std::ranges::sort(problems, {}, key);
    const auto repeated = std::ranges::unique(problems, {}, key);
    problems.erase(repeated.begin(), repeated.end());
}

std::optional<problem> refuse_size(std::span<const selector> selectors) {
    // Beyond this count the exact number says nothing more.
    constexpr std::size_t counted = 1'000'000'000;
    std::size_t variants = 1;
    for (const selector& each : selectors) {
        variants = std::min(variants * std::min(each.options, counted), counted);
    }
    if (variants <= max_variants) {
        return std::nullopt;
    }
    return problem{
        0,
        severity::error,
        fmt::format(
            "choices and {{{{#if}}}} make {}{} statements, at most {} are allowed",
            variants == counted ? "at least " : "",
            variants,
            max_variants
        ),
        "write several queries"
    };
}

// Compiles the text of one combination. `template_offset` gives the place in the template of an offset in it.
template <class Offset>
void compile_variant(
    const lexed& source,
    dialect target,
    std::span<const input_declaration> inputs,
    Offset template_offset,
    compile_result& result
) {
    emitted made = source.complete ? emit(source, target, inputs) : emitted{std::nullopt, source.problems};
    for (problem& each : made.problems) {
        each.offset = template_offset(each.offset);
    }
    append(result.problems, std::move(made.problems));
    if (made.finished) {
        result.compiled->variants.push_back(std::move(*made.finished));
    }
}

void compile_variants(
    const lexed& source, dialect target, std::span<const input_declaration> inputs, compile_result& result
) {
    const std::span<const selector> selectors = result.compiled->selectors;
    if (selectors.empty()) {
        compile_variant(source, target, inputs, std::identity(), result);
        return;
    }
    std::vector<std::size_t> options(selectors.size());
    do {
        const expansion expanded = expand(source, inputs, selectors, options);
        const lexed variant = lex(expanded.text(), rules_of(target));
        const auto template_offset = [&](std::size_t offset) { return expanded.template_offset(offset); };
        compile_variant(variant, target, inputs, template_offset, result);
    } while (advance(options, selectors));
}

} // namespace

const statement& compiled_template::select(std::span<const std::size_t> options) const {
    std::size_t index = 0;
    for (std::size_t place = 0; place < selectors.size(); ++place) {
        index = index * selectors[place].options + options[place];
    }
    return variants[index];
}

compile_result compile(std::string_view source, dialect target, std::span<const input_declaration> inputs) {
    compile_result result;
    if (const std::size_t nul = source.find('\0'); nul != std::string_view::npos) {
        result.problems.push_back({nul, severity::error, "the statement has a NUL character", ""});
        return result;
    }
    const lexed read = lex(source, rules_of(target));
    checked_template checked = check(read, rules_of(target), inputs);
    append(result.problems, read.problems);
    append(result.problems, std::move(checked.problems));
    if (auto refused = refuse_size(checked.selectors)) {
        checked.expandable = false;
        result.problems.push_back(std::move(*refused));
    }
    result.compiled.emplace(compiled_template{{}, std::move(checked.selectors), std::move(checked.input_used)}
    );
    if (read.complete && checked.expandable) {
        compile_variants(read, target, inputs, result);
    }
    sort_unique(result.problems);
    if (std::ranges::any_of(result.problems, is_error)) {
        result.compiled.reset();
    }
    return result;
}

} // namespace hyperterse::statement
