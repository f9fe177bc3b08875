#include "cli/commands.hpp"
#include "cli/init_templates.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <system_error>

namespace hyperterse::cli {

namespace {

namespace fs = std::filesystem;

bool refuse_existing(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return false;
    }
    fmt::print(
        stderr,
        "error: file '{}' already exists. Use a different filename or remove the existing file\n",
        file.string()
    );
    return true;
}

bool write(const fs::path& file, std::string_view text) {
    std::ofstream out(file, std::ios::binary);
    out << text << std::flush;
    if (!out) {
        fmt::print(stderr, "error: cannot write '{}'\n", file.string());
    }
    return out.good();
}

} // namespace

int init_command(const init_options& given) {
    const auto chosen = find_init_template(given.connector);
    const fs::path config = given.output;
    const fs::path schema = config.parent_path() / "schema.sql";
    if (!chosen || refuse_existing(config) || refuse_existing(schema)) {
        return 1;
    }
    std::error_code failure;
    if (config.has_parent_path()) {
        fs::create_directories(config.parent_path(), failure);
    }
    if (failure) {
        fmt::print(
            stderr, "error: cannot create '{}': {}\n", config.parent_path().string(), failure.message()
        );
        return 1;
    }
    if (!write(config, chosen->config) || !write(schema, chosen->schema)) {
        return 1;
    }
    fmt::print(
        "✓ Created configuration file: {0}\n"
        "✓ Created database schema: {1}\n"
        "\n"
        "Next steps:\n"
        "  1. Edit {0} to configure your adapters and queries\n"
        "  2. Run: hyperterse run -f {0}\n"
        "  3. Try: curl 'localhost:8080/query/get-user?id=1'\n",
        config.string(),
        schema.string()
    );
    return 0;
}

} // namespace hyperterse::cli
