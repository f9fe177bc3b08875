# hyperterse_library(NAME DEPENDS target...): one layer as one static library of all .cpp files in its folder.
# What it does not name in DEPENDS does not link: the layers of docs/ARCHITECTURE.md are enforced here.
function(hyperterse_library name)
    cmake_parse_arguments(arg "" "" "DEPENDS;PRIVATE_DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    add_library(hyperterse_${name} STATIC ${sources})
    target_include_directories(hyperterse_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(hyperterse_${name} PUBLIC ${arg_DEPENDS} PRIVATE hyperterse_options ${arg_PRIVATE_DEPENDS})
endfunction()

# What the sanitizer builds run.
add_custom_target(unit_and_adapter_tests)

# hyperterse_unit_test(NAME [LABEL label] [LAUNCHER command...] DEPENDS target...): one GoogleTest program of all .cpp
# files in this folder. The label is `unit` unless said otherwise; LAUNCHER is the command that runs the program.
function(hyperterse_unit_test name)
    cmake_parse_arguments(arg "" "LABEL" "LAUNCHER;DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    add_executable(${name}_test ${sources})
    target_link_libraries(${name}_test PRIVATE hyperterse_options ${arg_DEPENDS} GTest::gmock_main)
    target_compile_definitions(${name}_test PRIVATE HYPERTERSE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    if(NOT arg_LABEL)
        set(arg_LABEL unit)
    endif()
    add_dependencies(unit_and_adapter_tests ${name}_test)
    add_test(NAME ${arg_LABEL}.${name} COMMAND ${arg_LAUNCHER} $<TARGET_FILE:${name}_test>)
    set_tests_properties(${arg_LABEL}.${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
endfunction()
