# Compiler choice, language level, warnings, sanitizers. One interface target, hyperterse_options, carries them.

option(HYPERTERSE_WERROR "Treat warnings as errors" OFF)
option(HYPERTERSE_LTO "ThinLTO with lld" OFF)
option(HYPERTERSE_FUZZ "Build the libFuzzer targets instead of the tests" OFF)
set(HYPERTERSE_SANITIZE "" CACHE STRING "Value for -fsanitize, for example address,undefined")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    message(FATAL_ERROR
        "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines: a temporary inside a co_await expression is "
        "destroyed twice. Use the presets (cmake --preset dev), which select clang 19; ./scripts/setup installs it.")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(hyperterse_options INTERFACE)
target_compile_options(hyperterse_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wswitch-enum -Wextra-semi -Wunreachable-code -Wthread-safety
    $<$<BOOL:${HYPERTERSE_WERROR}>:-Werror>
    -fno-omit-frame-pointer)
target_compile_definitions(hyperterse_options INTERFACE HYPERTERSE_VERSION="${PROJECT_VERSION}")

if(HYPERTERSE_SANITIZE)
    add_compile_options(-fsanitize=${HYPERTERSE_SANITIZE} -fno-sanitize-recover=all -O1 -g1)
    add_link_options(-fsanitize=${HYPERTERSE_SANITIZE})
endif()
if(HYPERTERSE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(HYPERTERSE_LTO)
    add_compile_options(-flto=thin)
    add_link_options(-flto=thin -Wl,--thinlto-cache-dir=${CMAKE_BINARY_DIR}/thinlto-cache)
endif()
