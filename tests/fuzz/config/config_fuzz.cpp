#include "config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Any text either loads or is refused with an error; nothing else may happen. Texts that would read other
// files are left out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hyperterse;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const std::string_view reads_files : {"include", "file", "\\"}) {
        if (text.find(reads_files) != std::string_view::npos) {
            return -1;
        }
    }
    const config::load_options options{
        .variables = [](std::string_view name) { return std::optional<std::string>(name); },
        .working_directory = "/nonexistent",
    };
    diagnostics found;
    const auto loaded = config::load({.file = {}, .text = std::string(text)}, options, found);
    const bool consistent = loaded.has_value() != found.has_errors();
    if (!consistent || to_text(found).empty() != found.sorted().empty()) {
        std::abort();
    }
    for (std::size_t index = 0; loaded && index < loaded->queries.size(); ++index) {
        const config::located_text& statement = loaded->queries[index].statement;
        for (std::size_t offset = 0; offset <= statement.value.size(); ++offset) {
            if (statement.at(offset).line == 0) {
                std::abort();
            }
        }
    }
    return 0;
}
