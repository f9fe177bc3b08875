#pragma once

#include "base/value.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hyperterse::adapter {

struct column {
    std::string name;
};

// The closed set of what a database value can be on its way to a client.
enum class cell_kind : std::uint8_t {
    null,
    boolean,
    integer,
    floating,
    decimal, // digits of an exact number, as JSON would write it
    text,    // any text, also dates, times and uuids already in their JSON form
    json,    // JSON text, embedded as it is
    bytes,   // raw; clients get base64
};

// A value of a row. Text, decimal, json and bytes point into the batch that holds the cell.
struct cell {
    cell_kind kind = cell_kind::null;
    union {
        bool boolean;
        std::int64_t integer = 0;
        double floating;
    };
    std::string_view text;

    static cell null() { return {}; }
    static cell of(bool flag) {
        cell made;
        made.kind = cell_kind::boolean;
        made.boolean = flag;
        return made;
    }
    static cell of(std::int64_t number) {
        cell made;
        made.kind = cell_kind::integer;
        made.integer = number;
        return made;
    }
    static cell of(double number) {
        cell made;
        made.kind = cell_kind::floating;
        made.floating = number;
        return made;
    }
    // REQUIRES: kind is decimal, text, json or bytes; `text` outlives the cell (see row_batch::copy).
    static cell of(cell_kind kind, std::string_view text) {
        cell made;
        made.kind = kind;
        made.text = text;
        return made;
    }
};

// Some consecutive rows. Reused: clear() keeps memory for the next ones. Not movable: cells point into it.
class row_batch {
public:
    row_batch() = default;
    row_batch(const row_batch&) = delete;
    row_batch& operator=(const row_batch&) = delete;

    void clear(std::size_t column_count);
    void push(cell next) { cells_.push_back(next); }
    // A copy of `text` that lives until clear().
    std::string_view copy(std::string_view text);

    std::size_t row_count() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
    std::span<const cell> row(std::size_t index) const {
        return std::span(cells_).subspan(index * columns_, columns_);
    }
    bool empty() const { return cells_.empty(); }
    // Memory that the rows take: what bounds a batch.
    std::size_t byte_count() const { return bytes_ + cells_.size() * sizeof(cell); }

private:
    struct block {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };

    std::size_t columns_ = 0;
    std::size_t bytes_ = 0; // copied
    std::size_t used_ = 0;  // of the last block
    std::vector<cell> cells_;
    std::vector<block> blocks_;
};

} // namespace hyperterse::adapter
