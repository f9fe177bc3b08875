#pragma once

#include "app/bundle.hpp"
#include "app/settings.hpp"
#include "base/result.hpp"

#include <memory>

namespace hyperterse::app {

// The composition root: owns everything that serves one configuration, and its life from start to drained
// stop.
class server {
public:
    virtual ~server() = default;

    // Starts the adapters, serves, and returns after SIGTERM or SIGINT when all is closed: the exit status.
    // The first signal drains; a second one cancels what still runs. 1 when an adapter's configuration is
    // wrong, or when anything is missing and startup is `strict`. Call once.
    virtual int run() = 0;
};

// Binds the address at once. The error says which address and why not. `bundle` is consumed.
result<std::unique_ptr<server>> make_server(bundle served, const settings& chosen);

} // namespace hyperterse::app
