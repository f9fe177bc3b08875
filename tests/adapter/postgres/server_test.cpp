#include "tests/adapter/postgres/server.hpp"

#include "adapter/postgres/handle.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <string>

namespace hyperterse::adapter::postgres {

namespace {

TEST(postgres_server, is_of_a_version_whose_sessions_report_that_they_refuse_writes) {
    const connection_handle connection(PQconnectdb(test::postgres_connection_string().c_str()));
    ASSERT_EQ(PQstatus(connection.get()), CONNECTION_OK) << PQerrorMessage(connection.get());
    EXPECT_GE(PQserverVersion(connection.get()), 140'000);
    ASSERT_NE(PQparameterStatus(connection.get(), "default_transaction_read_only"), nullptr);
    EXPECT_EQ(std::string(PQparameterStatus(connection.get(), "default_transaction_read_only")), "off");
}

} // namespace

} // namespace hyperterse::adapter::postgres
