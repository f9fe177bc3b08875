#include "adapter/options.hpp"

#include <system_error>

namespace hyperterse::adapter {

std::filesystem::path base_directory(const adapter_options& options) {
    std::error_code unknown;
    const auto directory = std::filesystem::absolute("." / options.directory, unknown).lexically_normal();
    return unknown ? options.directory : directory;
}

} // namespace hyperterse::adapter
