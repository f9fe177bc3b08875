#pragma once

#include "base/diagnostic.hpp"
#include "config/source_file.hpp"

#include <map>
#include <string>

namespace hyperterse::config {

using variables = std::map<std::string, std::string, std::less<>>;

// KEY=value, `export KEY=value` or `KEY: value` lines as godotenv reads them: # starts a comment at the start
// of a line or after white space; 'single quotes' are literal; "double quotes" know \n, \r and escaped
// characters; both may span lines; $NAME and ${NAME} outside single quotes are variables defined above in the
// same file. Lines that do not parse are passed over with a warning, which does
// not show their values.
variables parse_dotenv(const source_file& file, diagnostics& found);

} // namespace hyperterse::config
