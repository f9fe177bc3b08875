#include "config/yaml_tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory_resource>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>
#include <yaml.h>

namespace hyperterse::config {

namespace {

constexpr std::string_view merge_key = "<<";
// From this many keys on a hash set finds the duplicates.
constexpr std::size_t many_keys = 16;

std::string_view view(const yaml_char_t* text) {
    return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

class yaml_parser {
public:
    explicit yaml_parser(std::string_view text) {
        if (yaml_parser_initialize(&parser_) == 0) {
            throw std::bad_alloc();
        }
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(
            &parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size()
        );
    }
    yaml_parser(const yaml_parser&) = delete;
    yaml_parser& operator=(const yaml_parser&) = delete;
    ~yaml_parser() { yaml_parser_delete(&parser_); }

    bool next(yaml_event_t& event) { return yaml_parser_parse(&parser_, &event) != 0; }
    const yaml_parser_t& state() const { return parser_; }

private:
    yaml_parser_t parser_{};
};

struct yaml_event {
    yaml_event_t event{};
    yaml_event() = default;
    yaml_event(const yaml_event&) = delete;
    yaml_event& operator=(const yaml_event&) = delete;
    ~yaml_event() { yaml_event_delete(&event); }
};

// Turns the character positions of libyaml into byte offsets, cheaply for positions near the last one.
class byte_positions {
public:
    explicit byte_positions(std::string_view text) :
        text_(text), ascii_(std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; })) {}

    std::size_t offset(std::size_t characters) {
        if (ascii_) {
            return std::min(characters, text_.size());
        }
        while (characters_ < characters && bytes_ < text_.size()) {
            ++bytes_;
            skip_continuation();
            ++characters_;
        }
        while (characters_ > characters && bytes_ > 0) {
            --bytes_;
            characters_ -= is_continuation(text_[bytes_]) ? 0 : 1;
        }
        return bytes_;
    }

private:
    static bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
    void skip_continuation() {
        while (bytes_ < text_.size() && is_continuation(text_[bytes_])) {
            ++bytes_;
        }
    }

    std::string_view text_;
    bool ascii_;
    std::size_t characters_ = 0;
    std::size_t bytes_ = 0;
};

// The nodes and their text, in one arena.
class arena_tree final : public yaml_tree {
public:
    const node* root() const override { return root_; }
    void set_root(const node* root) { root_ = root; }

    node* make(node made) {
        made.text = copy(made.text);
        made.tag = copy(made.tag);
        return new (arena_.allocate(sizeof(node), alignof(node))) node(made);
    }
    template <class T>
    std::span<const T> copy(std::span<const T> items) {
        if (items.empty()) {
            return {};
        }
        auto* const copied = static_cast<T*>(arena_.allocate(items.size_bytes(), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), copied);
        return {copied, items.size()};
    }

private:
    std::string_view copy(std::string_view text) {
        const auto copied = copy(std::span<const char>(text));
        return {copied.data(), copied.size()};
    }

    std::pmr::monotonic_buffer_resource arena_{64 * 1024};
    const node* root_ = nullptr;
};

// The keys of one mapping, to find the one that is there already.
class key_set {
public:
    explicit key_set(std::size_t expected) : hashed_(expected > many_keys) {}

    // The key of the same text, or nullptr after having added this one.
    const node* find_or_add(const node* key) {
        if (hashed_) {
            const auto [found, added] = index_.try_emplace(key->text, key);
            return added ? nullptr : found->second;
        }
        const auto found = std::ranges::find(keys_, key->text, &node::text);
        if (found != keys_.end()) {
            return *found;
        }
        keys_.push_back(key);
        return nullptr;
    }

private:
    bool hashed_;
    std::vector<const node*> keys_;
    std::unordered_map<std::string_view, const node*> index_;
};

// A collection whose end has not come yet.
struct open_collection {
    node made;
    std::string anchor;
    bool flow;
    std::size_t first_child;
};

class tree_builder {
public:
    tree_builder(const source_file& file, diagnostics& found) :
        file_(file), found_(found), positions_(file.text()), tree_(std::make_unique<arena_tree>()) {}

    std::unique_ptr<const yaml_tree> build();

private:
    bool take(const yaml_event_t& event); // false: stop, an error leaves no tree
    bool open(node made, const yaml_char_t* anchor, bool flow);
    void close();
    void push(const node* child);
    bool push_alias(const node& at, std::string_view anchor);
    void set_anchor(std::string_view name, const node* to);
    std::span<const member> make_members(open_collection& mapping);
    bool accept_key(open_collection& mapping, const node& key, const node& value);
    void merge(const node& from, std::vector<member>& members, key_set& keys);
    void merge_mapping(const node& from, std::vector<member>& members, key_set& keys);
    void report_parser(const yaml_parser_t& parser);
    void error(std::size_t offset, std::string message, std::string hint = {});
    node scalar(const yaml_event_t& event);

    const source_file& file_;
    diagnostics& found_;
    byte_positions positions_;
    std::unique_ptr<arena_tree> tree_;
    std::vector<open_collection> open_;
    std::vector<const node*> children_;                    // of all open collections, the innermost last
    std::unordered_map<std::string, const node*> anchors_; // nullptr: its collection is still open
    std::size_t repeated_ = 0;
    std::size_t unquoted_line_ = 0; // where an unquoted {{ … }} was reported
};

std::unique_ptr<const yaml_tree> tree_builder::build() {
    yaml_parser parser(file_.text());
    for (;;) {
        yaml_event next;
        if (!parser.next(next.event)) {
            report_parser(parser.state());
            return nullptr;
        }
        if (next.event.type == YAML_DOCUMENT_END_EVENT || next.event.type == YAML_STREAM_END_EVENT) {
            return std::move(tree_);
        }
        if (!take(next.event)) {
            return nullptr;
        }
    }
}

scalar_style style_of(yaml_scalar_style_t style) {
    switch (style) {
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
        return scalar_style::plain;
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return scalar_style::quoted;
    case YAML_LITERAL_SCALAR_STYLE:
        return scalar_style::literal;
    case YAML_FOLDED_SCALAR_STYLE:
        return scalar_style::folded;
    }
    return scalar_style::plain;
}

node tree_builder::scalar(const yaml_event_t& event) {
    const auto& data = event.data.scalar;
    return {
        .kind = node_kind::scalar,
        .style = style_of(data.style),
        .offset = positions_.offset(event.start_mark.index),
        .tag = view(data.tag),
        .text = {reinterpret_cast<const char*>(data.value), data.length},
        .items = {},
        .members = {},
    };
}

bool tree_builder::take(const yaml_event_t& event) {
    const std::size_t offset = positions_.offset(event.start_mark.index);
    const auto collection = [&](node_kind kind, const yaml_char_t* tag) {
        return node{.kind = kind, .offset = offset, .tag = view(tag), .text = {}, .items = {}, .members = {}};
    };
    switch (event.type) {
    case YAML_SCALAR_EVENT: {
        const node* const made = tree_->make(scalar(event));
        set_anchor(view(event.data.scalar.anchor), made);
        push(made);
        return true;
    }
    case YAML_ALIAS_EVENT:
        return push_alias(collection(node_kind::scalar, nullptr), view(event.data.alias.anchor));
    case YAML_SEQUENCE_START_EVENT: {
        const auto& data = event.data.sequence_start;
        const bool flow = data.style == YAML_FLOW_SEQUENCE_STYLE;
        return open(collection(node_kind::sequence, data.tag), data.anchor, flow);
    }
    case YAML_MAPPING_START_EVENT: {
        const auto& data = event.data.mapping_start;
        const bool flow = data.style == YAML_FLOW_MAPPING_STYLE;
        return open(collection(node_kind::mapping, data.tag), data.anchor, flow);
    }
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close();
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    }
    return true;
}

bool tree_builder::open(node made, const yaml_char_t* anchor, bool flow) {
    if (open_.size() == max_yaml_depth) {
        error(made.offset, fmt::format("nested deeper than {} levels", max_yaml_depth));
        return false;
    }
    made.tag = {};
    set_anchor(view(anchor), nullptr);
    open_.push_back({made, std::string(view(anchor)), flow, children_.size()});
    return true;
}

void tree_builder::close() {
    open_collection ended = std::move(open_.back());
    open_.pop_back();
    const auto children = std::span(std::as_const(children_)).subspan(ended.first_child);
    for (const node* child : children) {
        ended.made.weight += child->weight;
    }
    if (ended.made.kind == node_kind::sequence) {
        ended.made.items = tree_->copy(children);
    } else {
        ended.made.members = make_members(ended);
    }
    children_.resize(ended.first_child);
    const node* const made = tree_->make(ended.made);
    set_anchor(ended.anchor, made);
    push(made);
}

void tree_builder::push(const node* child) {
    if (open_.empty()) {
        tree_->set_root(child);
    } else {
        children_.push_back(child);
    }
}

bool tree_builder::push_alias(const node& at, std::string_view anchor) {
    const auto found = anchors_.find(std::string(anchor));
    if (found == anchors_.end()) {
        error(at.offset, fmt::format("'*{}' has no anchor '&{}' before it", anchor, anchor));
        return false;
    }
    if (found->second == nullptr) {
        error(at.offset, fmt::format("the value of anchor '&{}' contains itself", anchor));
        return false;
    }
    repeated_ += found->second->weight;
    if (repeated_ > max_repeated_nodes) {
        error(at.offset, fmt::format("aliases repeat more than {} values", max_repeated_nodes));
        return false;
    }
    push(found->second);
    return true;
}

void tree_builder::set_anchor(std::string_view name, const node* to) {
    if (!name.empty()) {
        anchors_[std::string(name)] = to;
    }
}

std::span<const member> tree_builder::make_members(open_collection& mapping) {
    const auto children = std::span(std::as_const(children_)).subspan(mapping.first_child);
    std::vector<member> members;
    members.reserve(children.size() / 2);
    key_set keys(children.size() / 2);
    std::vector<const node*> merged;
    for (std::size_t at = 0; at + 1 < children.size(); at += 2) {
        const node* const key = children[at];
        const node* const value = children[at + 1];
        if (!accept_key(mapping, *key, *value)) {
            continue;
        }
        if (const node* const first = keys.find_or_add(key)) {
            const location before = file_.place(first->offset);
            error(
                key->offset,
                fmt::format(
                    "key '{}' is already defined at {}:{}:{}",
                    key->text,
                    before.file,
                    before.line,
                    before.column
                )
            );
        } else if (key->text == merge_key && key->style == scalar_style::plain) {
            merged.push_back(value);
        } else {
            members.push_back({key, value});
        }
    }
    for (const node* each : merged) {
        merge(*each, members, keys);
    }
    return tree_->copy(std::span<const member>(members));
}

// {{ env.X }} without quotes is a flow mapping whose key is a flow mapping.
bool tree_builder::accept_key(open_collection& mapping, const node& key, const node& value) {
    if (key.kind == node_kind::scalar) {
        return true;
    }
    const bool braces = mapping.flow && key.kind == node_kind::mapping && key.members.size() == 1 &&
        value.kind == node_kind::scalar && value.text.empty();
    if (!braces) {
        error(key.offset, "a key must be text, not a list or map");
        return false;
    }
    mapping.made.broken = true;
    unquoted_line_ = file_.place(mapping.made.offset).line;
    error(
        mapping.made.offset,
        "a value that starts with '{{' must be in quotes",
        fmt::format("write \"{{{{ {} }}}}\"", key.members.front().key->text)
    );
    return false;
}

void tree_builder::merge(const node& from, std::vector<member>& members, key_set& keys) {
    if (from.kind != node_kind::sequence) {
        merge_mapping(from, members, keys);
        return;
    }
    for (const node* each : from.items) {
        merge_mapping(*each, members, keys);
    }
}

void tree_builder::merge_mapping(const node& from, std::vector<member>& members, key_set& keys) {
    if (from.kind != node_kind::mapping) {
        error(from.offset, "'<<' needs a map, or a list of maps");
        return;
    }
    for (const member& each : from.members) {
        if (keys.find_or_add(each.key) == nullptr) {
            members.push_back(each);
        }
    }
}

void tree_builder::report_parser(const yaml_parser_t& parser) {
    if (parser.error == YAML_MEMORY_ERROR) {
        throw std::bad_alloc();
    }
    const std::size_t offset = parser.error == YAML_READER_ERROR
        ? parser.problem_offset
        : positions_.offset(parser.problem_mark.index);
    if (unquoted_line_ != 0 && file_.place(offset).line == unquoted_line_) {
        return;
    }
    std::string message = "not valid YAML: ";
    message += parser.problem == nullptr ? "unreadable" : parser.problem;
    if (parser.context != nullptr) {
        message += fmt::format(" ({})", parser.context);
    }
    error(offset, std::move(message));
}

void tree_builder::error(std::size_t offset, std::string message, std::string hint) {
    found_.error(file_.place(offset), std::move(message), std::move(hint));
}

} // namespace

std::unique_ptr<const yaml_tree> parse_yaml(const source_file& file, diagnostics& found) {
    return tree_builder(file, found).build();
}

} // namespace hyperterse::config
