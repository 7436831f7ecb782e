# shellcheck shell=bash
# shellcheck disable=SC2034  # the lists are for those who source this
# Sourced by deploy/demo.sh and tests/run.sh: which packages of Debian the project needs, and how they come in.

BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev libssl-dev
  libmysqlcppconn-dev prometheus-cpp-dev librhonabwy-dev nlohmann-json3-dev libcli11-dev libcsv-dev
)
# tzdata: days are those of Europe/London, and a bare image has no time zones.
RUN_PACKAGES=(mariadb-server-core mariadb-client-core tzdata)
# python3-grpcio and openssl: tests/e2e talks to the services as a client of another make and signs tokens.
# python3-icalendar: reads the calendars as others do. python3-yaml: tests/platform reads manifests and rules; its other tools come by tests/platform/tools.sh.
TEST_PACKAGES=(libgtest-dev libgmock-dev ccache clang-format openssl python3 python3-grpcio python3-protobuf python3-icalendar
  python3-yaml)

# Prints those of the named packages that are not installed.
missing_packages() {
  local package
  local -A installed=()
  while read -r package _; do installed[${package%%:*}]=1; done \
    < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | grep ' installed$')
  for package in "$@"; do
    [ -n "${installed[$package]:-}" ] || printf '%s\n' "$package"
  done
}

# Installs what is missing; asks for nothing and touches the network only when something is.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    printf 'This is no Debian system. Make sure that it has: %s\n' "$*" >&2
    return 0
  fi
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  printf 'Installing %s\n' "${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      printf 'Not root and no sudo. As root, run: apt-get install %s\n' "${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# How many compilers fit: one a core, and about one gigabyte of memory each.
build_jobs() {
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable:/ {print int($2 / 1048576)}' /proc/meminfo)
  [ "${gigabytes:-1}" -ge 1 ] || gigabytes=1
  printf '%s\n' "$((cores < gigabytes ? cores : gigabytes))"
}
