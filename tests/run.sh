#!/usr/bin/env bash
# Builds everything and runs all tests.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deploy/machine.sh
. "$top/deploy/machine.sh"

usage() {
  cat <<'TEXT'
Builds everything and runs all tests. Installs the Debian packages that are missing.

Usage: tests/run.sh [options]
  --unit           Only the unit tests: no database, no processes.
  --filter REGEX   Only the tests whose name matches, as in `ctest -R`.
  --deep           Also the long suites: faults by the dozen, failover, restore, images, attacks, lint; some hours.
  --deep-turn      Also one of them in a shorter form, some minutes, chosen by the number of commits, so that each has its
                   turn; where it cannot run on this machine, the next.
  --asan           With the address and undefined-behaviour sanitizers.
  --no-install     Leave the machine as it is; fail if something is missing.
  --no-format      Leave out the check of the source's layout.
  --help
The build is kept in build/tests or, with --asan, in build/tests-asan.
Clang compiles it, where it can be had, else GCC; with --asan GCC does. CXX=g++ in the environment chooses another.
TEXT
}

preset=dev
# Clang compiles the templates of precompiled headers once for all, which GCC cannot do, and takes half the time. What is
# deployed, and what who works on the code builds, is GCC's; CXX=g++ has it compile the tests too. Without information for
# debuggers: nobody debugs here.
compiler=${CXX:-}
options=(-DCMAKE_CXX_FLAGS_DEBUG=-O0)
build=$top/build/tests
install=1
format=1
deep=
unit=0
selection=()
while [ $# -gt 0 ]; do
  case $1 in
    --unit) selection+=(-L '^unit$'); unit=1 ;;
    --filter)
      [ $# -ge 2 ] || { echo "--filter needs a regular expression" >&2; exit 2; }
      selection+=(-R "$2")
      shift
      ;;
    --asan)
      preset=asan
      compiler=${CXX:-g++}
      options=()
      build=$top/build/tests-asan
      ;;
    --deep) deep=all ;;
    --deep-turn) deep=turn ;;
    --no-install) install=0 ;;
    --no-format) format=0 ;;
    --help) usage; exit 0 ;;
    *) printf 'unknown option %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

# Whether all C++ and proto sources are laid out as .clang-format says; names those that are not.
check_format() {
  local tool
  tool=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format is missing" >&2; return 1; }
  find "$top/common" "$top/services" "$top/deploy" "$top/tests" -name '*.cc' -o -name '*.h' | sort |
    { xargs -r "$tool" --dry-run --Werror 2>&1 || true; } |
    sed -n "s,^$top/\(.*\):[0-9]*:[0-9]*: error: .*,not as clang-format lays it out: \1,p" | sort -u
}

# A number that grows with each change: of a clone without history, with each day.
turn() {
  if [ "$(git rev-parse --is-shallow-repository 2>/dev/null)" = false ]; then git rev-list --count HEAD; else date +%j; fi
}

# Runs the long suites: all, or the one whose turn it is. Those that cannot run here are named in plain view.
run_deep() {
  local all=() first=0 most i result=0 log=$build/deep.log without=()
  [ "$deep" = all ] || without=(-LE '^lint$')
  mapfile -t all < <(ctest --test-dir "$build" -C deep -L deep "${without[@]}" -N | sed -n 's/^ *Test *#[0-9]*: //p' | sort)
  most=${#all[@]}
  if [ "$deep" = turn ]; then
    OVERSIGHT_TURN=$((10#$(turn)))
    export OVERSIGHT_TURN
    first=$((OVERSIGHT_TURN % most))
  fi
  for ((i = 0; i < most; i++)); do
    local suite=${all[(first + i) % most]}
    step "testing at length: $suite"
    ctest --test-dir "$build" -C deep -L deep -R "^$suite\$" --output-on-failure --no-tests=error 2>&1 | tee "$log" || result=1
    if grep -q '(Skipped)' "$log"; then
      printf '\n***** %s did NOT RUN: the machine lacks what it needs, see its README *****\n' "$suite"
    elif [ "$deep" = turn ]; then
      break
    fi
  done
  return "$result"
}

cd "$top"
if [ "$install" = 1 ]; then
  install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
  [ -n "$compiler" ] || install_packages clang || echo 'Clang cannot be had here; GCC compiles the tests.'
fi

layout_faults=
if [ "$format" = 1 ]; then
  step "checking the layout of the source"
  layout_faults=$(check_format)
  [ -z "$layout_faults" ] || printf '%s\n' "$layout_faults"
fi

step "building into ${build#"$top"/}"
mkdir -p "$build"
if [ -z "$compiler" ]; then
  if command -v clang++ >/dev/null; then compiler=clang++; else compiler=g++; fi
fi
cxx=$(command -v "$compiler") || { printf 'there is no compiler %s\n' "$compiler" >&2; exit 1; }
grep -qs "^CMAKE_CXX_COMPILER:.*=$cxx\$" "$build/CMakeCache.txt" || options+=(--fresh)
cmake --preset "$preset" -B "$build" -DCMAKE_CXX_COMPILER="$cxx" -DOVERSIGHT_UNITY=ON "${options[@]}" >"$build/configure.log" 2>&1 || { cat "$build/configure.log"; exit 1; }
cmake --build "$build" --parallel "$(build_jobs)"

if [ "$install" = 1 ] && [ "$unit" = 0 ]; then
  step "fetching the tools of tests/platform"
  tests/platform/tools.sh "$build/tools" ||
    printf '\n***** Not all tools could be fetched: some tests of tests/platform will NOT RUN. *****\n\n'
fi

step "testing"
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
result=0
ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$(nproc)" "${selection[@]}" || result=$?
if [ -n "$deep" ]; then
  run_deep || result=1
fi

if [ -n "$layout_faults" ]; then
  printf '\nThe tests ran, but the layout check failed; mend it with: clang-format -i FILE\n%s\n' "$layout_faults"
  [ "$result" -ne 0 ] || result=1
fi
exit "$result"
