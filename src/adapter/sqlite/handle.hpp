#pragma once

#include <memory>
#include <sqlite3.h>

namespace hyperterse::adapter::sqlite {

template <auto Function>
struct deleter {
    template <class Handle>
    void operator()(Handle* handle) const {
        Function(handle);
    }
};

using database_handle = std::unique_ptr<sqlite3, deleter<sqlite3_close_v2>>;
using statement_handle = std::unique_ptr<sqlite3_stmt, deleter<sqlite3_finalize>>;

} // namespace hyperterse::adapter::sqlite
