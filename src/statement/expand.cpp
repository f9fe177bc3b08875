#include "statement/expand.hpp"

#include "base/text.hpp"
#include "statement/check.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

namespace hyperterse::statement {

namespace {

// Whether the two characters, side by side, could be read as one token.
bool may_fuse(char left, char right) {
    constexpr std::string_view separate = "(),;";
    return !is_space(left) && !is_space(right) && separate.find(left) == std::string_view::npos &&
        separate.find(right) == std::string_view::npos;
}

} // namespace

class expander {
public:
    expander(
        const lexed& source,
        std::span<const input_declaration> inputs,
        std::span<const selector> selectors,
        std::span<const std::size_t> options
    ) :
        source_(source), inputs_(inputs), selectors_(selectors), options_(options) {}

    expansion run() {
        for (const token& each : source_.tokens) {
            if (each.kind == token_kind::tag && each.holds_tags()) {
                replace(source_.tags_of(each).front());
            }
        }
        append_source(source_.text.size());
        return std::move(out_);
    }

private:
    struct branch {
        bool outer_active;
        bool present;
    };

    void replace(const tag& each) {
        switch (each.kind) {
        case tag_kind::input:
            if (const auto chosen = option_of(selector::kind::choice, each)) {
                append_source(each.begin);
                append_fragment(*chosen, each);
            }
            return;
        case tag_kind::if_input:
            append_source(each.begin);
            branches_.push_back({active_, option_of(selector::kind::presence, each).value_or(1) == 1});
            active_ = active_ && branches_.back().present;
            break;
        case tag_kind::otherwise:
            append_source(each.begin);
            active_ = branches_.back().outer_active && !branches_.back().present;
            break;
        case tag_kind::end_if:
            append_source(each.begin);
            active_ = branches_.back().outer_active;
            branches_.pop_back();
            break;
        case tag_kind::auth:
        case tag_kind::env:
            return;
        }
        copied_ = each.end;
        at_seam_ = true;
    }

    std::optional<std::size_t> option_of(selector::kind by, const tag& each) const {
        const auto input = find_input(inputs_, each.name);
        const auto found = std::ranges::find_if(selectors_, [&](const selector& row) {
            return row.by == by && row.input == input;
        });
        if (found == selectors_.end()) {
            return std::nullopt;
        }
        return options_[static_cast<std::size_t>(found - selectors_.begin())];
    }

    void append_fragment(std::size_t option, const tag& each) {
        const input_declaration& chosen = inputs_[*find_input(inputs_, each.name)];
        at_seam_ = true;
        if (active_) {
            append(chosen.fragments[option], each.begin, true);
        }
        copied_ = each.end;
        at_seam_ = true;
    }

    // Appends the template from where the last copy ended, unless it belongs to a branch not taken.
    void append_source(std::size_t end) {
        if (active_) {
            append(source_.text.substr(copied_, end - copied_), copied_, false);
        }
        copied_ = end;
    }

    void append(std::string_view text, std::size_t origin, bool fixed) {
        if (text.empty()) {
            return;
        }
        if (at_seam_ && !out_.text_.empty() && may_fuse(out_.text_.back(), text.front())) {
            out_.text_ += ' ';
        }
        out_.segments_.push_back({out_.text_.size(), origin, fixed});
        out_.text_ += text;
        at_seam_ = false;
    }

    const lexed& source_;
    std::span<const input_declaration> inputs_;
    std::span<const selector> selectors_;
    std::span<const std::size_t> options_;
    expansion out_;
    std::vector<branch> branches_;
    std::size_t copied_ = 0;
    bool active_ = true;
    bool at_seam_ = false;
};

std::size_t expansion::template_offset(std::size_t offset) const {
    const auto after = std::ranges::upper_bound(segments_, offset, {}, &segment::begin);
    if (after == segments_.begin()) {
        return 0;
    }
    const segment& holding = *std::prev(after);
    return holding.fixed ? holding.origin : holding.origin + (offset - holding.begin);
}

expansion expand(
    const lexed& source,
    std::span<const input_declaration> inputs,
    std::span<const selector> selectors,
    std::span<const std::size_t> options
) {
    return expander(source, inputs, selectors, options).run();
}

} // namespace hyperterse::statement
