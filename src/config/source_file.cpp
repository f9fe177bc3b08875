#include "config/source_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace hyperterse::config {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

file_bytes refused(std::string problem) {
    return {.bytes = std::nullopt, .problem = std::move(problem)};
}

} // namespace

file_bytes read_file(const std::filesystem::path& path) {
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (failure) {
        return refused(failure.message());
    }
    if (!std::filesystem::is_regular_file(status)) {
        return refused("not a regular file");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return refused(std::generic_category().message(errno));
    }
    std::string bytes;
    std::array<char, 64 * 1024> block;
    while (file) {
        file.read(block.data(), block.size());
        bytes.append(block.data(), static_cast<std::size_t>(file.gcount()));
        if (bytes.size() > max_file_bytes) {
            return refused(fmt::format("larger than {} MiB", max_file_bytes / (1024 * 1024)));
        }
    }
    if (file.bad()) {
        return refused("cannot be read");
    }
    return {.bytes = std::move(bytes), .problem = {}};
}

source_file::source_file(std::string name, std::string text) :
    name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
    if (text_.starts_with(byte_order_mark)) {
        text_.erase(0, byte_order_mark.size());
    }
    for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
        line_starts_.push_back(at + 1);
    }
}

std::size_t source_file::line_of(std::size_t offset) const {
    const auto next = std::ranges::upper_bound(line_starts_, offset);
    return static_cast<std::size_t>(std::distance(line_starts_.begin(), next)) - 1;
}

location source_file::place(std::size_t offset) const {
    const std::size_t index = line_of(offset);
    return {name_, index + 1, offset - line_starts_[index] + 1};
}

std::string_view source_file::line(std::size_t index) const {
    const std::size_t begin = line_starts_[index];
    const std::size_t end = index + 1 < line_starts_.size() ? line_starts_[index + 1] - 1 : text_.size();
    std::string_view text = std::string_view(text_).substr(begin, end - begin);
    if (text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    return text;
}

} // namespace hyperterse::config
