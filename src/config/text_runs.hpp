#pragma once

#include "config/model.hpp"
#include "config/source_file.hpp"
#include "config/substitution.hpp"
#include "config/yaml_tree.hpp"

namespace hyperterse::config {

// The text of a scalar as written, each byte with its place where bytes of the text are bytes of the file.
located_text locate(const source_file& file, const node& scalar);

// The whole file as text.
located_text locate(const source_file& file);

// `written` after its substitutions; what was put in has the place of its {{ … }}.
located_text apply(const located_text& written, const substituted_text& substituted);

} // namespace hyperterse::config
