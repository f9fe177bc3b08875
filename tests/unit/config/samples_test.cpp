#include "config/load.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

// Every .terse file of valid/ and invalid/ gives exactly the diagnostics of its .txt file (none: no
// diagnostics).
namespace hyperterse::config {
namespace {

const std::filesystem::path samples = std::filesystem::path(HYPERTERSE_SOURCE_DIR) / "tests/unit/config";

std::optional<std::string> variable(std::string_view name) {
    if (name == "SECRET") {
        return "hunter2";
    }
    if (name == "SNEAKY") {
        return "{{ inputs.id }}";
    }
    return name == "EMPTY" ? std::optional<std::string>("") : std::nullopt;
}

std::string read_text(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::vector<std::string> files_of(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(samples / folder)) {
        if (entry.path().extension() == ".terse") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::ranges::sort(names);
    return names;
}

// Works in the folder of the samples, so that diagnostics name the file alone.
class sample : public testing::TestWithParam<std::string> {
protected:
    std::string load_sample(const std::string& folder, bool& loaded) {
        std::filesystem::current_path(samples / folder);
        diagnostics found;
        loaded =
            load({.file = GetParam() + ".terse", .text = {}}, {.variables = variable}, found).has_value();
        return to_text(found);
    }
    static std::string expected(const std::string& folder) {
        return read_text(samples / folder / (GetParam() + ".txt"));
    }
    void TearDown() override { std::filesystem::current_path(before_); }

private:
    std::filesystem::path before_ = std::filesystem::current_path();
};

std::string sample_name(const testing::TestParamInfo<std::string>& tested) {
    std::string name = tested.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

class valid_sample : public sample {};
class invalid_sample : public sample {};

TEST_P(valid_sample, loads_with_the_expected_warnings) {
    bool loaded = false;
    EXPECT_EQ(load_sample("valid", loaded), expected("valid"));
    EXPECT_TRUE(loaded);
}

TEST_P(invalid_sample, is_refused_with_the_expected_diagnostics) {
    bool loaded = true;
    EXPECT_EQ(load_sample("invalid", loaded), expected("invalid"));
    EXPECT_FALSE(loaded);
}

INSTANTIATE_TEST_SUITE_P(config, valid_sample, testing::ValuesIn(files_of("valid")), sample_name);
INSTANTIATE_TEST_SUITE_P(config, invalid_sample, testing::ValuesIn(files_of("invalid")), sample_name);

} // namespace
} // namespace hyperterse::config
