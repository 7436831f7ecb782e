#!/usr/bin/env bash
# Looks for faults in the C++ sources with clang-tidy, by the checks of .clang-tidy. Needs a build tree (build/tests), whose
# declarations it reads; the whole takes an hour on two cores.
#
# Usage: tests/lint.sh [--build DIR] [--slice NUMBER/OF] [--changed] [FILE...]
#   --slice 3/16   the third of sixteen parts of all sources, for less at a time
#   --changed      the sources that differ from those of the branch main
# Exit code 0: nothing found; 1: faults, or clang-tidy could not read a file; 77: clang-tidy is not installed.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build/tests slice='' changed=0 files=()
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=${2:?--build needs a folder}; shift ;;
    --slice) slice=${2:?--slice needs NUMBER/OF}; shift ;;
    --changed) changed=1 ;;
    --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) printf 'lint.sh: unknown option %s\n' "$1" >&2; exit 2 ;;
    *) files+=("$(realpath "$1")") ;;
  esac
  shift
done
tool=$(command -v clang-tidy-14 || command -v clang-tidy) || { echo '***** NOT RUN: clang-tidy is not installed *****' >&2; exit 77; }
[ -f "$build/compile_commands.json" ] || { echo "lint.sh: $build is no build tree: run tests/run.sh first" >&2; exit 1; }

# The tests' build compiles several sources as one and begins them with precompiled headers; here each source is looked at by
# itself.
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
python3 - "$build/compile_commands.json" >"$database/compile_commands.json" <<'PYTHON'
import json, re, sys

each = []
for command in json.load(open(sys.argv[1])):
    file = command["file"]
    of_build = (r"( -Xclang)? -include(-pch)?( -Xclang)? \S+/cmake_pch\.hxx(\.pch)?| -Winvalid-pch"
                r"| -fpch-preprocess| -Wno-subobject-linkage")
    command["command"] = re.sub(of_build, "", command["command"])
    sources = re.findall(r'^#include "(.*)"', open(file).read(), re.M) if "/Unity/" in file else [file]
    each += [{**command, "file": source, "command": command["command"].replace(file, source)} for source in sources]
json.dump(each, sys.stdout, indent=1)
PYTHON

# What the build compiles of ours: generated sources are nobody's to mend.
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(sed -n "s,^ *\"file\": \"\($top/.*\.cc\)\".*,\1,p" "$database/compile_commands.json" |
    grep -v "^$build/" | sort -u)
fi
if [ "$changed" = 1 ]; then
  mapfile -t files < <(cd "$top" && comm -12 <(printf '%s\n' "${files[@]}" | sort -u) \
    <({ git diff --name-only main -- '*.cc'; git ls-files --others --exclude-standard -- '*.cc'; } | sed "s,^,$top/," | sort -u))
fi
if [ -n "$slice" ]; then
  number=${slice%/*} of=${slice#*/}
  if ! [[ $slice =~ ^[0-9]+/[0-9]+$ ]] || [ "$number" -lt 1 ] || [ "$number" -gt "$of" ]; then
    echo "lint.sh: --slice takes a part and how many there are, as 3/16" >&2
    exit 2
  fi
  part=()
  for i in "${!files[@]}"; do [ $((i % of)) -ne $((number - 1)) ] || part+=("${files[i]}"); done
  files=("${part[@]}")
fi
[ ${#files[@]} -gt 0 ] || { echo 'nothing to look at'; exit 0; }

report=$database/report
status=0
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" nice "$tool" -p "$database" --quiet >"$report" 2>"$report.err" || status=1
# A fault of a header is found with each source that includes it.
sed "s,$top/,," "$report" | awk '/: (error|warning):/ { print_it = !seen[$0]++ } print_it'
if [ "$status" != 0 ] && ! grep -q ': error:\|: warning:' "$report"; then
  cat "$report.err" >&2
fi
printf '%s files, %s\n' "${#files[@]}" "$([ "$status" = 0 ] && echo 'nothing found' || echo 'faults as above')"
exit "$status"
