# Everything comes from Debian's packages; nothing is bundled. Newer versions are accepted.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(absl REQUIRED)
# Debian 12 ships protobuf without a CMake config, so CMake's own module it is.
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
# Token checks: Rhonabwy knows JWKS, RS256, ES256 and EdDSA, and never guesses the algorithm.
pkg_check_modules(RHONABWY REQUIRED IMPORTED_TARGET librhonabwy)

# MySQL Connector/C++ 1.1 has neither a CMake nor a pkg-config file.
find_path(MYSQLCPPCONN_INCLUDE_DIR mysql_connection.h REQUIRED)
find_library(MYSQLCPPCONN_LIBRARY mysqlcppconn REQUIRED)
add_library(mysqlcppconn SHARED IMPORTED)
set_target_properties(mysqlcppconn PROPERTIES IMPORTED_LOCATION ${MYSQLCPPCONN_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${MYSQLCPPCONN_INCLUDE_DIR})

# libcsv (RFC 4180) has neither as well.
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
add_library(csv SHARED IMPORTED)
set_target_properties(csv PROPERTIES IMPORTED_LOCATION ${CSV_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${CSV_INCLUDE_DIR})

if(OVERSIGHT_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What ccache wants to be told before it works with precompiled headers; and that it need not read each of them, hundreds
  # of megabytes, for each source.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_INODECACHE=true ${CCACHE})
endif()
