# One target per room. All paths in #include are relative to the top of the project.

add_library(oversight_flags INTERFACE)
target_include_directories(oversight_flags INTERFACE ${PROJECT_SOURCE_DIR})
# -pthread everywhere: precompiled headers serve only sources with the same options.
target_compile_options(oversight_flags INTERFACE -pthread -Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers)

# Where it is at hand (binutils has it), gold links in a quarter of the time.
find_program(GOLD ld.gold)
if(GOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_link_options(-fuse-ld=gold)
endif()

# Most of a compilation is reading headers, those of gRPC, protobuf and Abseil above all: they are read once, and those of
# ours that most sources of a folder begin with as well. Sources name what they include all the same;
# -DOVERSIGHT_PRECOMPILE=OFF shows what they forget. Optimised builds do without: GCC 12 takes what it inlines from
# precompiled system headers for ours, and warns of bounds that nobody passes.
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(precompile_by_default ON)
else()
  set(precompile_by_default OFF)
endif()
option(OVERSIGHT_PRECOMPILE "Read the headers that most sources begin with once for all" ${precompile_by_default})

set(OVERSIGHT_LIBRARY_HEADERS
  <algorithm> <array> <functional> <map> <memory> <optional> <set> <span> <string> <utility> <variant> <vector>
  <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <absl/container/inlined_vector.h>
  <absl/functional/function_ref.h> <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/strings/str_join.h>
  <absl/strings/str_split.h> <absl/synchronization/mutex.h> <absl/time/time.h>
  <google/protobuf/descriptor.h> <google/protobuf/message.h> <google/protobuf/util/time_util.h> <grpcpp/grpcpp.h>)
if(OVERSIGHT_BUILD_TESTS)
  list(APPEND OVERSIGHT_LIBRARY_HEADERS <gmock/gmock.h> <gtest/gtest.h>)
  # As their CMake package defines it for tests; precompiled headers serve only sources that define the same.
  set(OVERSIGHT_TEST_DEFINITIONS GTEST_HAS_PTHREAD=1)
endif()

# oversight_precompile(<name> [DEPS target ...] [HEADERS "header" ...])
# A set of headers, those of the libraries among them, with which the sources of this folder and of those below begin.
macro(oversight_precompile name)
  cmake_parse_arguments(PRECOMPILE "" "" "DEPS;HEADERS" ${ARGN})
  if(OVERSIGHT_PRECOMPILE)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${name}.cc CONTENT "")
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cc)
    target_link_libraries(${name} PRIVATE oversight_flags ${PRECOMPILE_DEPS})
    target_compile_definitions(${name} PRIVATE ${OVERSIGHT_TEST_DEFINITIONS})
    target_precompile_headers(${name} PRIVATE ${OVERSIGHT_LIBRARY_HEADERS} ${PRECOMPILE_HEADERS})
    set(OVERSIGHT_PRECOMPILED ${name})
  endif()
endmacro()

# oversight_begin_with_precompiled(<target>): its sources begin with what this folder precompiles.
function(oversight_begin_with_precompiled target)
  if(OVERSIGHT_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${OVERSIGHT_PRECOMPILED})
    target_compile_definitions(${target} PRIVATE ${OVERSIGHT_TEST_DEFINITIONS})
    # ccache cannot tell what a source includes of them without it.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
endfunction()

oversight_precompile(oversight_libraries_precompiled)

# What a source costs before its own first line, above all the templates that the headers leave to it, it costs once for
# several that are compiled as one: most of the time of a build from nothing, and in return several are compiled anew where
# one changed. So tests/run.sh builds it so, and who works on the code does not. What stands in an unnamed namespace needs a
# name of its own among the sources of its target; those that go by the same names are SEPARATE.
option(OVERSIGHT_UNITY "Compile several sources of a target as one" OFF)
function(oversight_unite target separate)
  if(OVERSIGHT_UNITY AND NOT separate)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # To GCC every source is now a header, where types of unnamed namespaces would be a mistake.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# oversight_library(<name> [SEPARATE] SOURCES a.cc ... [DEPS target ...])
function(oversight_library name)
  cmake_parse_arguments(ARG "SEPARATE" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC oversight_flags ${ARG_DEPS})
  oversight_begin_with_precompiled(${name})
  oversight_unite(${name} ${ARG_SEPARATE})
endfunction()

# oversight_test(<name> [SEPARATE] SOURCES a_test.cc ... [DEPS target ...] [LABEL unit|integration|e2e] [TIMEOUT seconds])
# One binary per room, one ctest entry per binary.
function(oversight_test name)
  if(NOT OVERSIGHT_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "SEPARATE" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE oversight_flags ${ARG_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  oversight_begin_with_precompiled(${name})
  oversight_unite(${name} ${ARG_SEPARATE})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()
