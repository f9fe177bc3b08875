#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "config/load.hpp"
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

// Each setting comes from the command line, else from the configuration; host and port else from the
// variables HOST and PORT, which count as unset when empty; else from the default. Fails when PORT is needed
// and is none.
result<settings>
resolve(const config::server_config& written, const overrides& given, const config::environment& variables);

} // namespace hyperterse::app
