#pragma once

namespace hyperterse::cli {

// The whole program: parses the command line, runs the command, returns the exit status (0 or 1).
int run(int argc, char** argv);

} // namespace hyperterse::cli
