#include "adapter/batch.hpp"

#include <algorithm>
#include <cstring>

namespace hyperterse::adapter {

namespace {

constexpr std::size_t first_block = 1024;
constexpr std::size_t block_size = 16 * 1024;

} // namespace

void row_batch::clear(std::size_t column_count) {
    columns_ = column_count;
    bytes_ = 0;
    cells_.clear();
    cells_.reserve(column_count);
    std::erase_if(blocks_, [](const block& each) { return each.size > block_size; });
    if (blocks_.size() > 1) {
        blocks_.resize(1);
    }
    used_ = 0;
}

std::string_view row_batch::copy(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    if (blocks_.empty() || blocks_.back().size - used_ < text.size()) {
        const std::size_t size = std::max(blocks_.empty() ? first_block : block_size, text.size());
        blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
        used_ = 0;
    }
    char* const place = blocks_.back().bytes.get() + used_;
    std::memcpy(place, text.data(), text.size());
    used_ += text.size();
    bytes_ += text.size();
    return {place, text.size()};
}

} // namespace hyperterse::adapter
