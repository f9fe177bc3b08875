#pragma once

#include "adapter/adapter.hpp"
#include "adapter/options.hpp"
#include "base/diagnostic.hpp"
#include "statement/dialect.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace hyperterse::adapter {

// One kind of database: a row of the table in app/backends.cpp, which is the only place that knows them all.
struct backend {
    std::string_view connector; // as written in a configuration
    statement::dialect dialect;

    // Says, without connecting, what is wrong with the connection string (reported at `where`) and the driver
    // options (each at its own place).
    void (*check)(const adapter_options& options, const location& where, diagnostics& found);

    // REQUIRES: check() found no error.
    std::unique_ptr<adapter> (*make)(const adapter_options& options);
};

} // namespace hyperterse::adapter
