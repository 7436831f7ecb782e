#!/usr/bin/env bash
# Restores Oversight's schemas from a dump and, if binary logs are given, on to a later moment. What the schemas hold is
# replaced; the services must be stopped. Afterwards, for each service: `ledger new-incarnation`, then start it, then verify
# (see the handbook).
#
# Usage: restore.sh --client CLIENT.CNF --dump FILE.sql.gz [--binlogs DIR [--until 'YYYY-MM-DD HH:MM:SS']]
#   --until   in UTC; what was committed in that second or later is left out. Without it: all that the logs hold.
set -euo pipefail

client='' dump='' binlogs='' until=''
while [ $# -gt 0 ]; do
  case $1 in
    --client) client=$2; shift ;;
    --dump) dump=$2; shift ;;
    --binlogs) binlogs=$2; shift ;;
    --until) until=$2; shift ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
if [ -z "$client" ] || [ -z "$dump" ]; then sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; fi

mysql=$(command -v mariadb || command -v mysql)
(cd "$(dirname "$dump")" && sha256sum --check --quiet "$(basename "${dump%.sql.gz}").sha256")
seconds=$SECONDS
for schema in oversight_workforce oversight_caseload oversight_supervision oversight_compliance; do
  printf 'DROP DATABASE IF EXISTS %s;\n' "$schema"
done | "$mysql" --defaults-file="$client"
gzip -dc "$dump" | "$mysql" --defaults-file="$client" --max-allowed-packet=1G
printf 'restored the dump in %s s\n' "$((SECONDS - seconds))"
[ -n "$binlogs" ] || exit 0

# From where the dump stands: CHANGE MASTER TO MASTER_LOG_FILE='binlog.000002', MASTER_LOG_POS=1234
read -r file position < <(gzip -dc "$dump" | sed -n \
  "s/^-- CHANGE [A-Z ]*TO [A-Z]*_LOG_FILE='\([^']*\)', [A-Z]*_LOG_POS=\([0-9]*\);.*/\1 \2/p;/^CREATE DATABASE/q")
[ -n "$file" ] || { echo 'restore.sh: the dump does not say where it stands in the binary log' >&2; exit 1; }
logs=()
for log in "$binlogs"/*; do
  name=$(basename "$log")
  case $name in partial-*) continue ;; esac
  [[ $name < $file ]] || logs+=("$log")
done
[ "$(basename "${logs[0]:-none}")" = "$file" ] || { echo "restore.sh: $binlogs/$file is missing" >&2; exit 1; }
seconds=$SECONDS
binlog=$(command -v mariadb-binlog || command -v mysqlbinlog)
limit=()
[ -z "$until" ] || limit=(--stop-datetime="$until")
# The times of a binary log are shown in this machine's zone; its changes are not logged once more.
TZ=UTC "$binlog" --disable-log-bin --start-position="$position" "${limit[@]}" "${logs[@]}" |
  "$mysql" --defaults-file="$client" --max-allowed-packet=1G --binary-mode
printf 'carried on from %s:%s%s in %s s\n' "$file" "$position" "${until:+ until $until}" "$((SECONDS - seconds))"
