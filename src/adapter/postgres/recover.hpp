#pragma once

#include "adapter/pool.hpp"
#include "adapter/postgres/lane.hpp"

#include <chrono>
#include <memory>

namespace hyperterse::adapter::postgres {

// How long a statement that nobody waits for may go on, before it is cancelled: what is nearly done is
// cheaper to finish.
enum class farewell : std::uint8_t { at_once, after_a_moment };

// Ends what the leased session runs and gives the connection back, or gives it up when that takes too long.
// Goes on by itself, on the lane's worker.
void recover(const std::shared_ptr<lane>& on, lease left, farewell how);

} // namespace hyperterse::adapter::postgres
