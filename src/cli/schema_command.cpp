#include "cli/commands.hpp"
#include "config/load.hpp"

#include <fmt/format.h>

namespace hyperterse::cli {

int schema_command() {
    fmt::print("{}", config::json_schema());
    return 0;
}

} // namespace hyperterse::cli
