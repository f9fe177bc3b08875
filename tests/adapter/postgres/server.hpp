#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace hyperterse::test {

// The connection string of the server that tests/servers/postgres.py started for this program, as its
// superuser.
inline std::string postgres_connection_string() {
    const char* const text = std::getenv("HYPERTERSE_TEST_POSTGRES");
    if (text == nullptr) {
        throw std::runtime_error(
            "no server: run the test by tests/servers/postgres.py, or set HYPERTERSE_TEST_POSTGRES"
        );
    }
    return text;
}

} // namespace hyperterse::test
