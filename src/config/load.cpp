#include "config/load.hpp"

#include "config/checks.hpp"
#include "config/reader.hpp"
#include "config/source_file.hpp"
#include "config/tables.hpp"
#include "config/yaml_tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <glob.h>
#include <iterator>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

namespace hyperterse::config {

namespace {

constexpr std::string_view text_name = "<source>";
constexpr std::string_view glob_characters = "*?[";

bool says_something(const node& root, std::string_view key) {
    const auto found =
        std::ranges::find_if(root.members, [&](const member& each) { return each.key->text == key; });
    if (found == root.members.end()) {
        return false;
    }
    const node& value = *found->value;
    return value.broken || !value.members.empty() || !value.items.empty() || !value.text.empty();
}

// The files that a pattern means, in order of their names.
std::vector<std::filesystem::path>
matching_files(const std::filesystem::path& directory, const std::string& pattern) {
    if (pattern.find_first_of(glob_characters) == std::string::npos) {
        return {directory / pattern};
    }
    std::string escaped;
    if (!std::filesystem::path(pattern).is_absolute()) {
        for (const char c : (directory / "").string()) {
            const bool special = c == '\\' || glob_characters.find(c) != std::string_view::npos;
            escaped += special ? std::string{'\\', c} : std::string{c};
        }
    }
    glob_t matched{};
    const std::unique_ptr<glob_t, decltype(&globfree)> guard(&matched, &globfree);
    if (glob((escaped + pattern).c_str(), 0, nullptr, &matched) != 0) {
        return {};
    }
    return {matched.gl_pathv, matched.gl_pathv + matched.gl_pathc};
}

std::filesystem::path identity(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::weakly_canonical(path, ignored);
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

class loader {
public:
    loader(const load_options& options, environment variables, diagnostics& found) :
        options_(options), variables_(std::move(variables)), found_(found) {}

    // What all files say together; the caller looks into the diagnostics for errors.
    model load(const source& from);

private:
    file_content read(const source_file& file, const std::filesystem::path& directory, const table& of);
    void include(const located<std::string>& pattern, const std::filesystem::path& directory, model& into);
    void include_file(const located<std::string>& pattern, const std::filesystem::path& path, model& into);

    const load_options& options_;
    environment variables_;
    diagnostics& found_;
    std::set<std::filesystem::path> files_; // read already
    location start_;                        // of the first file's map
    bool unreadable_ = false;               // a part is missing: what refers to it cannot be judged
    bool has_adapters_ = false;
    bool has_queries_ = false;
};

file_content loader::read(const source_file& file, const std::filesystem::path& directory, const table& of) {
    file_content content;
    const auto tree = parse_yaml(file, found_);
    if (tree == nullptr) {
        unreadable_ = true;
        return content;
    }
    const node* const root = tree->root();
    const bool empty = root == nullptr ||
        (root->kind == node_kind::scalar && root->style == scalar_style::plain &&
         resolve_plain(root->text) == scalar_kind::null);
    if (empty || root->kind != node_kind::mapping) {
        unreadable_ = true;
        found_.error(
            file.place(empty ? 0 : root->offset),
            empty ? "the file is empty" : "the file must be a map",
            "it needs at least the keys name, adapters and queries"
        );
        return content;
    }
    if (start_.line == 0) {
        start_ = file.place(root->offset);
    }
    has_adapters_ = has_adapters_ || says_something(*root, "adapters");
    has_queries_ = has_queries_ || says_something(*root, "queries");
    const substitution_sources sources{.variables = variables_, .directory = directory};
    reader fields(file, sources, options_.lenient, found_);
    fields.section(file.place(root->offset), *root, of, &content);
    for (adapter_config& each : content.written.adapters) {
        each.directory = directory;
    }
    return content;
}

void loader::include(
    const located<std::string>& pattern, const std::filesystem::path& directory, model& into
) {
    const auto paths = matching_files(directory, pattern.value);
    if (paths.empty()) {
        found_.warning(pattern.where, fmt::format("include '{}': no file matches", shown(pattern)));
    }
    for (const std::filesystem::path& path : paths) {
        if (files_.insert(identity(path)).second) {
            include_file(pattern, path.lexically_normal(), into);
        }
    }
}

void loader::include_file(
    const located<std::string>& pattern, const std::filesystem::path& path, model& into
) {
    file_bytes bytes = read_file(path);
    if (!bytes.bytes) {
        unreadable_ = true;
        found_.error(pattern.where, fmt::format("include '{}': {}", shown(pattern), bytes.problem));
        return;
    }
    const source_file file(pattern.secret ? "***" : path.string(), *std::move(bytes.bytes));
    file_content content = read(file, path.parent_path(), included_table);
    append(into.adapters, content.written.adapters);
    append(into.queries, content.written.queries);
}

model loader::load(const source& from) {
    file_bytes bytes = from.text ? file_bytes{.bytes = from.text, .problem = {}} : read_file(from.file);
    const source_file file(
        from.text ? std::string(text_name) : from.file.string(),
        bytes.bytes ? *std::move(bytes.bytes) : std::string()
    );
    if (!bytes.problem.empty()) {
        found_.error(file.whole(), fmt::format("cannot be read: {}", bytes.problem));
        return {};
    }
    if (file.text().size() > max_file_bytes) {
        found_.error(file.whole(), fmt::format("larger than {} MiB", max_file_bytes / (1024 * 1024)));
        return {};
    }
    const auto directory = from.text ? options_.working_directory : from.file.parent_path();
    if (!from.text) {
        files_.insert(identity(from.file));
    }
    file_content content = read(file, directory, root_table);
    model merged = std::move(content.written);
    for (const located<std::string>& each : content.include) {
        include(each, directory, merged);
    }
    if (unreadable_) {
        return merged;
    }
    for (const auto& [key, given] :
         {std::pair("adapters", has_adapters_), std::pair("queries", has_queries_)}) {
        if (!given) {
            found_.error(start_, fmt::format("'{}' is required and should have at least one entry", key));
        }
    }
    check_references(merged, found_);
    return merged;
}

} // namespace

std::optional<model> load(const source& from, const load_options& options, diagnostics& found) {
    environment variables = layered_environment(from, options, found);
    model merged = loader(options, std::move(variables), found).load(from);
    return found.has_errors() ? std::nullopt : std::optional(std::move(merged));
}

} // namespace hyperterse::config
