#include "cli/commands.hpp"

#include <fmt/format.h>

namespace hyperterse::cli {

int version_command() {
    fmt::print("{}\n", HYPERTERSE_VERSION);
    return 0;
}

} // namespace hyperterse::cli
