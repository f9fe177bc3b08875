#include "config/dotenv.hpp"
#include "config/load.hpp"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <system_error>
#include <utility>
#include <vector>

namespace hyperterse::config {

namespace {

// The first one that knows a variable wins.
constexpr std::array<std::string_view, 3> layer_names{".env.local", ".env.development", ".env"};

std::vector<std::filesystem::path> layer_directories(const source& from, const load_options& options) {
    std::vector<std::filesystem::path> directories;
    if (!from.text) {
        directories.push_back(from.file.parent_path());
    }
    std::error_code ignored;
    const auto here = [&](const std::filesystem::path& directory) {
        return std::filesystem::weakly_canonical(directory.empty() ? "." : directory, ignored);
    };
    const bool same = !directories.empty() && here(directories.front()) == here(options.working_directory);
    if (!same) {
        directories.push_back(options.working_directory);
    }
    return directories;
}

} // namespace

environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* const set = std::getenv(std::string(name).c_str());
        return set == nullptr ? std::nullopt : std::optional<std::string>(set);
    };
}

environment layered_environment(const source& from, const load_options& options, diagnostics& found) {
    std::vector<variables> layers;
    for (const std::filesystem::path& directory : layer_directories(from, options)) {
        for (const std::string_view name : layer_names) {
            const auto path = (directory / name).lexically_normal();
            std::error_code ignored;
            if (!std::filesystem::is_regular_file(path, ignored)) {
                continue;
            }
            file_bytes read = read_file(path);
            source_file file(path.string(), read.bytes ? *std::move(read.bytes) : std::string());
            if (!read.problem.empty()) {
                found.warning(file.whole(), fmt::format("cannot be read: {}", read.problem));
            }
            layers.push_back(parse_dotenv(file, found));
        }
    }
    return [process = options.variables,
            layers = std::move(layers)](std::string_view name) -> std::optional<std::string> {
        if (auto set = process(name)) {
            return set;
        }
        for (const variables& layer : layers) {
            if (const auto set = layer.find(name); set != layer.end()) {
                return set->second;
            }
        }
        return std::nullopt;
    };
}

} // namespace hyperterse::config
