#pragma once

#include <cstddef>

namespace hyperterse::http {

// Lets the process have as many file descriptors as the system allows it. Returns the limit in force.
std::size_t raise_descriptor_limit();

// How many of the `wanted` connections a process with that many descriptors can serve and still open
// databases and files.
std::size_t connections_within(std::size_t descriptors, std::size_t wanted);

} // namespace hyperterse::http
