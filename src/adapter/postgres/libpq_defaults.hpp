#pragma once

#include "adapter/postgres/connection_string.hpp"

#include <string>
#include <string_view>

namespace hyperterse::adapter::postgres {

// libpq has a parameter of this name.
bool is_keyword(std::string_view name);

// What libpq makes of the parameters: those that the environment, a service file and libpq itself add are
// there too, and our own defaults where nobody says otherwise.
struct completed_parameters {
    parameters all;
    std::string problem; // libpq's words, which never hold a password; empty when it accepts them
};
completed_parameters complete(const parameters& written);

} // namespace hyperterse::adapter::postgres
