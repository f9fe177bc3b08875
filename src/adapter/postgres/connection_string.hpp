#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hyperterse::adapter::postgres {

// Keyword (or the name of a server's setting) and value.
using parameter = std::pair<std::string, std::string>;
using parameters = std::vector<parameter>;

// The value of a keyword, empty when it is absent.
std::string_view value_of(const parameters& in, std::string_view keyword);
// Takes the place of the value that is there.
void assign(parameters& to, std::string_view keyword, std::string value);

// Adds what a postgres:// or postgresql:// URL, or key=value text, says, in its order, whatever the keywords
// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING). The result says what is
// wrong, without a part of the text, which may hold a password; empty when nothing is.
std::string read_connection_string(std::string_view text, parameters& to);

} // namespace hyperterse::adapter::postgres
