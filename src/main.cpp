#include "cli/run.hpp"

int main(int argc, char** argv) {
    return hyperterse::cli::run(argc, argv);
}
