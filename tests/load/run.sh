#!/usr/bin/env bash
# Builds the suite for release and measures it beside its limits. Installs nothing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=deploy/machine.sh
. "$top/deploy/machine.sh"

usage() {
  cat <<'TEXT'
Builds Oversight for release into build/load, starts a private MariaDB, the services and a bare gRPC server on
loopback, and prints what each does, as Markdown. Takes about 20 minutes once it is built. Installs nothing.

Usage: tests/load/run.sh [--build DIR] [options of oversight_load]
       tests/load/run.sh --only engine [--build DIR] [options of oversight_engine_load]
  --only PARTS    Of read,write,import,findings; or engine, which measures the compliance engine alone, over facts of
                  the size of England (some 4 GiB), and a database of its own.
  --rounds N      Rounds of which the median counts (5).
  --seconds S     Measured in each round, for each side (2).
  --workers N     Threads and database connections of each server (16).
Of the engine: --authorities N (153), --workers N (35000), --cases N (400000), --months N (18),
--parts PARTS (sweep,kept,sql,rejudge,months,memory,start),
--by-rule and others: tests/load/run.sh --only engine --help-engine
TEXT
}

build=$top/build/load
options=()
engine=
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$(realpath -m "${2:?--build needs a directory}"); shift ;;
    --only) if [ "${2:?--only needs parts}" = engine ]; then engine=yes; else options+=("$1" "$2"); fi; shift ;;
    --help) usage; exit 0 ;;
    --help-engine) options+=(--help) ;;
    *) options+=("$1") ;;
  esac
  shift
done

if command -v dpkg-query >/dev/null; then
  mapfile -t missing < <(missing_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}" libgtest-dev libgmock-dev)
  if [ "${#missing[@]}" -gt 0 ]; then
    printf 'Install these packages first: %s\n' "${missing[*]}" >&2
    exit 1
  fi
fi

mkdir -p "$build"
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DOVERSIGHT_UNITY=ON \
  >"$build/configure.log" 2>&1 || { cat "$build/configure.log" >&2; exit 1; }
if [ -n "$engine" ]; then
  cmake --build "$build" --parallel "$(build_jobs)" --target oversight_engine_load >"$build/build.log" 2>&1 ||
    { tail -n 30 "$build/build.log" >&2; exit 1; }
  exec "$build/tests/load/oversight_engine_load" --policies "$top/services/compliance/policies" "${options[@]}"
fi
cmake --build "$build" --parallel "$(build_jobs)" --target oversight_load oversight_workforce_server \
  oversight_caseload_server oversight_supervision_server oversight_compliance_server oversightctl \
  oversight_sample_tool >"$build/build.log" 2>&1 || { tail -n 30 "$build/build.log" >&2; exit 1; }

"$build/tests/load/oversight_load" --programs "$build/services" --sources "$top/services" "${options[@]}"
