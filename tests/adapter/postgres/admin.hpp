#pragma once

#include "adapter/postgres/handle.hpp"
#include "tests/adapter/postgres/server.hpp"

#include <stdexcept>
#include <string>
#include <unistd.h>

namespace hyperterse::test {

// Another session with the server, beside those of the adapter.
class admin {
public:
    admin() : handle_(PQconnectdb(postgres_connection_string().c_str())) {
        if (PQstatus(handle_.get()) != CONNECTION_OK) {
            throw std::runtime_error(PQerrorMessage(handle_.get()));
        }
        run("SET client_min_messages = error");
    }

    // The first value of the last result; empty when it has none.
    std::string run(const std::string& statements) {
        const adapter::postgres::result_handle said(PQexec(handle_.get(), statements.c_str()));
        const auto status = PQresultStatus(said.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            throw std::runtime_error(PQresultErrorMessage(said.get()));
        }
        return PQntuples(said.get()) > 0 ? PQgetvalue(said.get(), 0, 0) : std::string();
    }

private:
    adapter::postgres::connection_handle handle_;
};

// A name that no other test of the server uses.
inline std::string unique_name() {
    static int count = 0;
    return "t" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

} // namespace hyperterse::test
