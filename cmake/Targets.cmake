# One target per room. All paths in #include are relative to the top of the project.

add_library(oversight_flags INTERFACE)
target_include_directories(oversight_flags INTERFACE ${PROJECT_SOURCE_DIR})
# -pthread everywhere: precompiled headers serve only sources with the same options.
target_compile_options(oversight_flags INTERFACE -pthread -Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers)

# Most of a compilation is reading the headers of gRPC, protobuf and Abseil: they are read once. Sources name what they
# include all the same; -DOVERSIGHT_PRECOMPILE=OFF shows what they forget. Optimised builds do without: GCC 12 takes what
# it inlines from precompiled system headers for ours, and warns of bounds that nobody passes.
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(precompile_by_default ON)
else()
  set(precompile_by_default OFF)
endif()
option(OVERSIGHT_PRECOMPILE "Read the libraries' headers once for all sources" ${precompile_by_default})

set(OVERSIGHT_PRECOMPILED_HEADERS
  <algorithm> <functional> <map> <memory> <optional> <set> <string> <utility> <vector>
  <absl/container/flat_hash_map.h> <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/strings/str_join.h>
  <absl/strings/str_split.h> <absl/synchronization/mutex.h> <absl/time/time.h>
  <google/protobuf/descriptor.h> <google/protobuf/message.h> <google/protobuf/util/time_util.h> <grpcpp/grpcpp.h>)

# oversight_precompiled(<name> <header> ...): a set of headers that other targets' sources begin with.
function(oversight_precompiled name)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${name}.cc CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cc)
  target_link_libraries(${name} PRIVATE oversight_flags)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

# oversight_begin_with(<target> <precompiled>)
function(oversight_begin_with target precompiled)
  if(OVERSIGHT_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
    # ccache cannot tell what a source includes of them without it.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
endfunction()

if(OVERSIGHT_PRECOMPILE)
  oversight_precompiled(oversight_libraries_precompiled ${OVERSIGHT_PRECOMPILED_HEADERS})
  if(OVERSIGHT_BUILD_TESTS)
    oversight_precompiled(oversight_tests_precompiled ${OVERSIGHT_PRECOMPILED_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
    target_link_libraries(oversight_tests_precompiled PRIVATE GTest::gmock GTest::gtest)
  endif()
endif()

# oversight_library(<name> SOURCES a.cc ... [DEPS target ...])
function(oversight_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC oversight_flags ${ARG_DEPS})
  oversight_begin_with(${name} oversight_libraries_precompiled)
endfunction()

# oversight_test(<name> SOURCES a_test.cc ... [DEPS target ...] [LABEL unit|integration|e2e] [TIMEOUT seconds])
# One binary per room, one ctest entry per binary.
function(oversight_test name)
  if(NOT OVERSIGHT_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE oversight_flags ${ARG_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  oversight_begin_with(${name} oversight_tests_precompiled)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()
