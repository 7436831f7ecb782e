#!/usr/bin/env bash
# The whole suite on this machine: builds it, starts a private database and the four services on loopback, imports a
# synthetic authority, judges it by five policies and prints who is overdue.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$here")
# shellcheck source=deploy/machine.sh
. "$here/machine.sh"
# shellcheck source=deploy/demo/database.sh
. "$here/demo/database.sh"
# shellcheck source=deploy/demo/services.sh
. "$here/demo/services.sh"

AUTHORITY=sampleshire
# Whose Monday list is shown.
TEAM=TEAM-CIN-1
SERVICES=(workforce caseload supervision compliance)

usage() {
  cat <<'TEXT'
Builds Oversight, starts a private MariaDB and the four services on loopback, imports a synthetic authority of real
shape, judges it by five policies and prints who is overdue. Installs the Debian packages that are missing. Stays up until Ctrl-C.

Usage: deploy/demo.sh [options]
  --once          Ends everything after the report; the exit code says whether all went well.
  --fresh         Forgets the data of earlier runs first.
  --workers N     Size of the authority when its data are made: workers (260),
  --cases N       open cases (3000)
  --months N      and months of history (14).
  --state DIR     Where data, logs and passwords are kept (.demo in the project).
  --build DIR     Where it is built (build/demo).
  --no-build      Take what is built there as it is.
  --no-install    Leave the machine as it is; fail if something is missing.
  --help
TEXT
}

once=0
fresh=0
install=1
build_first=1
state=$top/.demo
build=$top/build/demo
sample_size=(--workers 260 --cases 3000 --months 14)
need_value() { [ "$2" -ge 2 ] || { echo "$1 needs a value" >&2; exit 2; }; }
while [ $# -gt 0 ]; do
  case $1 in
    --once) once=1 ;;
    --fresh) fresh=1 ;;
    --no-install) install=0 ;;
    --no-build) build_first=0 ;;
    --workers) need_value "$1" $#; sample_size[1]=$2; shift ;;
    --cases) need_value "$1" $#; sample_size[3]=$2; shift ;;
    --months) need_value "$1" $#; sample_size[5]=$2; shift ;;
    --state) need_value "$1" $#; state=$(realpath -m "$2"); shift ;;
    --build) need_value "$1" $#; build=$(realpath -m "$2"); shift ;;
    --help) usage; exit 0 ;;
    *) printf 'unknown option %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

# ---- what went when

timings=()
step_name=
step_start=0
now_ms() { printf '%s\n' "$(($(date +%s%N) / 1000000))"; }
end_step() {
  [ -n "$step_name" ] || return 0
  local ms=$(($(now_ms) - step_start))
  timings+=("$(printf '%-10s %5d.%d s' "$step_name" "$((ms / 1000))" "$((ms % 1000 / 100))")")
  step_name=
}
begin_step() {
  end_step
  step_name=$1
  step_start=$(now_ms)
  printf '== %s\n' "$2"
}

fail() {
  printf 'demo: %s\n' "$1" >&2
  exit 1
}

# ---- whatever ends this script ends what it started: services first, then their database

# shellcheck disable=SC2317
clean_up() {
  local code=$?
  trap - EXIT
  trap '' INT TERM HUP
  stop_services
  stop_database
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- the run

build_suite() {
  local targets=(oversightctl oversight_sample_tool) service
  for service in "${SERVICES[@]}"; do targets+=("oversight_${service}_server"); done
  if [ ! -f "$build/build.ninja" ]; then
    mkdir -p "$build"
    cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" \
      -DOVERSIGHT_BUILD_TESTS=OFF -DOVERSIGHT_UNITY=ON >"$build/configure.log" 2>&1 || { cat "$build/configure.log"; return 1; }
  fi
  NINJA_STATUS='[%f/%t] ' cmake --build "$build" --parallel "$(build_jobs)" --target "${targets[@]}"
}

prepare_state() {
  umask 077
  mkdir -p "$state"
  exec 9>"$state/lock"
  flock -n 9 || fail "another demo is running with $state; end it, or name another directory with --state"
  end_leftovers
  if [ "$fresh" = 1 ]; then
    rm -rf "$state/database" "$state/secrets" "$state/sample" "$state/imported" "$state/log"
  fi
  mkdir -p "$state/log" "$state/secrets" "$state/run"
}

make_sample() {
  [ ! -f "$state/sample/end-day" ] || return 0
  local today
  today=$(TZ=Europe/London date +%F)
  rm -rf "$state/sample"
  "$build/deploy/sample/oversight-sample" --seed 1 --end-day "$today" --out "$state/sample/files" "${sample_size[@]}" \
    --authority-name "Sampleshire (synthetic)"
  printf '%s\n' "$today" >"$state/sample/end-day"
}

import_sample() {
  [ ! -f "$state/imported" ] || return 0
  ctl import "$state/sample/files" --authority "$AUTHORITY"
  touch "$state/imported"
}

print_report() {
  ctl wait --authority "$AUTHORITY"
  ctl report --authority "$AUTHORITY" --longest 10
  printf '\nThe Monday list of one team, the first of what is overdue and what falls due within a week:\n\n'
  ctl worklist --authority "$AUTHORITY" --team "$TEAM" --days 7 --most 4
}

say_where() {
  local service
  printf '\nThe APIs (gRPC with reflection, no authentication: demo mode) and the metrics:\n'
  for service in "${SERVICES[@]}"; do
    printf '  %-12s %-22s http://%s/metrics\n' "$service" "$(listen_address "$service")" "$(metrics_address "$service")"
  done
  local made
  made=$(cat "$state/sample/end-day")
  if [ "$made" != "$(TZ=Europe/London date +%F)" ]; then
    printf '\nThe data were made on %s, so more is overdue every day; --fresh makes them anew.\n' "$made"
  fi
  cat <<TEXT

To ask more, in another terminal:
  . ${state}/env
  oversightctl report --authority $AUTHORITY --explain-worst
  oversightctl report --authority $AUTHORITY --rule walsall.case-discussion --longest 0
  oversightctl report --authority $AUTHORITY --as-of $(TZ=Europe/London date -d '-30 days' +%F)
  oversightctl worklist --authority $AUTHORITY --team TEAM-CP-1 --days 14 --policy knowsley
  oversightctl report --authority $AUTHORITY --json
  oversightctl --help
TEXT
}

install_if_wanted() {
  [ "$install" = 1 ] || return 0
  install_packages "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
}

begin_step install "looking for the packages needed"
install_if_wanted || fail "the packages could not be installed"
if [ "$build_first" = 1 ]; then
  begin_step build "building into ${build#"$top"/}"
  build_suite || fail "the build failed"
fi
prepare_state
begin_step start "starting the database and the services"
start_database || fail "the database did not start; see $state/log/database.log"
choose_ports
write_environment
migrate_services || fail "the schemas could not be brought up to date"
start_services || fail "not all services are up; see $state/log"
begin_step import "importing the synthetic authority"
make_sample || fail "the sample could not be made"
import_sample || fail "the import failed"
begin_step report "waiting until compliance has caught up, then reporting"
print_report || fail "the report failed"
end_step

say_where
printf '\nTimings:\n'
printf '  %s\n' "${timings[@]}"
[ "$once" = 0 ] || exit 0
printf '\nEverything stays up until Ctrl-C. Data, logs and passwords are in %s\n' "$state"
watch_services
