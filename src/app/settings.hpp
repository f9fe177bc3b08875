#pragma once

#include "base/log.hpp"
#include "config/model.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace hyperterse::app {

// What the command line said; what it left out comes from the configuration, then from the default.
struct overrides {
    std::optional<std::string> host;
    std::optional<std::uint16_t> port;
    std::optional<log::level> log_level;
    std::optional<log::format> log_format;
    std::optional<std::size_t> workers;
};

struct settings {
    std::string host;
    std::uint16_t port; // 0: any free one
    log::options log;
    std::size_t workers; // at least 1
};

settings resolve(const config::server_config& written, const overrides& given);

} // namespace hyperterse::app
