#pragma once

#include "base/deadline.hpp"
#include "gateway/catalog.hpp"
#include "http/connection.hpp"
#include "http/request.hpp"
#include "http/worker.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hyperterse::http {

// Which listener a connection came from: what it may ask for.
enum class listener_role : std::uint8_t { service, admin };

// One request and its answer. Reused from request to request of a connection, for its memory.
struct exchange {
    connection& peer;
    worker& home;
    listener_role role;

    // The request.
    request asked{};
    std::string request_id{};
    std::string body{};      // once it was read
    bool body_taken = false; // off the connection's input
    steady_clock::time_point started{};

    // The answer.
    std::string fields{};  // header lines beyond the usual ones
    std::string content{}; // body, or the part of it that is not sent yet
    std::string out{};     // head
    bool keep_alive = false;
    bool abandoned = false; // nobody is there to read the rest
    bool cut_off = false;   // it ended early; the client can tell
    unsigned status = 0;    // 0: nothing was answered

    // For the access log.
    const gateway::query* called = nullptr;
    std::size_t rows = 0;
    std::size_t bytes = 0; // of the body, as sent

    const server_limits& limits() const { return home.serving()->limits; }

    // Forgets the request and its answer; gives back most of the memory unless the next request is
    // there already.
    void clear();
};

} // namespace hyperterse::http
