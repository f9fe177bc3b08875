#pragma once

#include "base/diagnostic.hpp"
#include "config/source_file.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace hyperterse::config {

inline constexpr std::size_t max_yaml_depth = 100;
// Nodes that aliases and merges may repeat, so that a small file cannot become a huge tree.
inline constexpr std::size_t max_repeated_nodes = 100'000;

enum class node_kind : std::uint8_t { scalar, sequence, mapping };
enum class scalar_style : std::uint8_t { plain, quoted, literal, folded };

struct member;

// A part of a YAML document. Views and spans live as long as the tree.
struct node {
    node_kind kind;
    scalar_style style = scalar_style::plain; // of a scalar
    std::size_t offset;                       // of its first byte in the file
    std::string_view tag;                     // as resolved by YAML; empty when not written
    std::string_view text;                    // of a scalar
    std::span<const node* const> items;       // of a sequence
    std::span<const member> members;          // of a mapping, in order; keys are scalars and differ
    std::size_t weight = 1;                   // nodes in it, itself included
    bool broken = false;                      // an error in it was reported: there is nothing to read
};

struct member {
    const node* key;
    const node* value;
};

// The first document of a YAML stream as an immutable tree, aliases and `<<` merges resolved.
class yaml_tree {
public:
    virtual ~yaml_tree() = default;
    // nullptr: the document is empty.
    virtual const node* root() const = 0;
};

// Null exactly when an error was reported that leaves no tree; keys that are not text or defined twice are
// reported, too, but only left out.
std::unique_ptr<const yaml_tree> parse_yaml(const source_file& file, diagnostics& found);

} // namespace hyperterse::config
