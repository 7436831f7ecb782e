#!/bin/sh
# Prints CONFIGURATION.md: the settings of the service with the most of them, then those that only another one has.
# Usage: configuration.sh MOST OTHER...   with the paths of the services' programs
set -eu
most=$1
shift
reference=$("$most" config reference)
printf '%s\n' "$reference"
for program in "$@"; do
  own=$("$program" config reference | while IFS= read -r line; do
    case $line in
      '| `--'*) printf '%s\n' "$reference" | grep -qxF -e "$line" || printf '%s\n' "$line" ;;
    esac
  done)
  [ -n "$own" ] || continue
  printf '\n### Only %s\n\n| flag | environment | accepts | default | meaning |\n|---|---|---|---|---|\n%s\n' \
    "$(basename "$program" | sed 's/^oversight-//')" "$own"
done
