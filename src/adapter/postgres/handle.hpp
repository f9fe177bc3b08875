#pragma once

#include <libpq-fe.h>
#include <memory>

namespace hyperterse::adapter::postgres {

template <auto Release>
struct released_by {
    template <class Handle>
    void operator()(Handle* handle) const {
        Release(handle);
    }
};

using connection_handle = std::unique_ptr<PGconn, released_by<PQfinish>>;
using result_handle = std::unique_ptr<PGresult, released_by<PQclear>>;

} // namespace hyperterse::adapter::postgres
