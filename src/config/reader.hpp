#pragma once

#include "base/diagnostic.hpp"
#include "config/fields.hpp"
#include "config/model.hpp"
#include "config/scalars.hpp"
#include "config/source_file.hpp"
#include "config/substitution.hpp"
#include "config/yaml_tree.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperterse::config {

// A scalar after substitution.
struct scalar_text {
    std::string text;
    scalar_kind kind = scalar_kind::text;
    bool secret = false;
    bool substituted = false; // then an unquoted value could have been meant
};

// A scalar that is what its field accepts. Which member counts is said by the shape: `number` is also the
// value of a word, the bytes of a size and the milliseconds of a duration.
struct scalar_value {
    std::string text;
    std::int64_t number = 0;
    bool flag = false;
    bool has_unit = true; // of a duration
    bool secret = false;
    location where;
};

// Why a scalar is not what its field accepts.
struct mismatch {
    bool wrong_kind = false; // not even of the right type
    std::string expected;    // "must be …"
    std::string hint;
};

// Exactly one is set.
struct converted {
    std::optional<scalar_value> value;
    mismatch why_not;
};
converted convert(const shape& accepts, const scalar_text& given);

// Walks one file's tree by the tables. Problems are reported with their place and path; values that came from
// the environment or a file are never shown.
class reader {
public:
    reader(const source_file& file, const substitution_sources& sources, bool lenient, diagnostics& found) :
        file_(file), sources_(sources), lenient_(lenient), found_(found) {}

    // Reads the map by the table into target. `at` is the place for what is missing.
    void section(const location& at, const node& map, const table& of, void* target);
    // The same for the value of a field, which is checked to be a map.
    void nested_section(const field& row, const node& given, void* target);
    // The members of a map of entries whose names are good and whose values are maps.
    std::vector<member> entries(const field& row, const node& given);
    // One of them.
    void entry(const field& row, const member& given, void* target);

    // Each is empty when the value is not what the row accepts, which has then been reported.
    std::optional<scalar_value> scalar(const field& row, const node& given);
    std::vector<scalar_value> scalar_list(const field& row, const node& given);
    std::optional<literal> any_literal(const field& row, const node& given);
    std::vector<literal> literal_list(const field& row, const node& given);
    std::optional<located_text> statement(const field& row, const node& given);
    std::optional<located_text> statement_file(const field& row, const node& given);
    // The scalar as it is, not a null.
    std::optional<located<std::string>> option_text(const node& key, const node& given);
    std::vector<std::pair<located<std::string>, located<std::string>>>
    text_entries(const field& row, const node& given);

    // The message gets the path of the map being read in front.
    void error(location where, std::string_view message, std::string hint = {});
    void warning(location where, std::string_view message, std::string hint = {});
    // No error was reported in the map being read: a value that is absent was not written.
    bool clean() const { return found_.error_count() == errors_before_; }
    location place(const node& at) const { return file_.place(at.offset); }

private:
    class path_scope;

    std::optional<scalar_text> resolve(const node& given, substitution_use use);
    std::optional<scalar_value> checked_scalar(const field& row, const shape& accepts, const node& given);
    bool expect(const field& row, const node& given, node_kind wanted);
    void
    refuse(const field& row, const location& where, bool wrong_kind, std::string expected, std::string hint);
    void unknown_key(const table& of, const node& key);
    void member_of(const table& of, const member& given, void* target, std::uint64_t& seen);
    std::optional<located_text> template_text(const located_text& written, const field& row);
    std::optional<literal> literal_scalar(const node& given);
    std::string path() const;

    const source_file& file_;
    const substitution_sources& sources_;
    bool lenient_;
    diagnostics& found_;
    std::size_t errors_before_ = 0;                                   // the map being read
    std::vector<std::pair<std::string_view, std::string_view>> path_; // key, or what and name
};

} // namespace hyperterse::config
