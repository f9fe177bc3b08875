# Every third-party library, all from Debian 12 (scripts/setup installs them). Boost comes as SYSTEM.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)

# Asio and Beast compiled once, instead of in every translation unit that includes them.
add_library(hyperterse_boost STATIC ${PROJECT_SOURCE_DIR}/cmake/boost_separate_compilation.cpp)
target_compile_definitions(hyperterse_boost PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION
    BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_SERIAL_PORT
    BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=32)
target_link_libraries(hyperterse_boost PUBLIC Boost::headers Threads::Threads)
