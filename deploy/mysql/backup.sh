#!/usr/bin/env bash
# Backs up Oversight's schemas: a dump that shows one moment, and the binary logs, from which any later moment can be restored.
# Takes no lock that the services would notice. Daily: backup.sh; every few minutes: backup.sh --binlogs-only.
#
# Usage: backup.sh --client CLIENT.CNF --out DIR [--binlogs-only] [--keep DAYS] [--metrics FILE]
#   --client    options file with host, user and password of a user with SELECT, SHOW VIEW, TRIGGER, LOCK TABLES, RELOAD,
#               BINLOG MONITOR and REPLICATION SLAVE (MySQL: REPLICATION CLIENT)
#   --out       folder of backups: dumps/ by their time, binlogs/
#   --keep      removes dumps older than so many days, but never the newest
#   --metrics   file for the node exporter's text collector: when the last backup ended well
set -euo pipefail

client='' out='' binlogs_only=0 keep='' metrics=''
while [ $# -gt 0 ]; do
  case $1 in
    --client) client=$2; shift ;;
    --out) out=$2; shift ;;
    --keep) keep=$2; shift ;;
    --metrics) metrics=$2; shift ;;
    --binlogs-only) binlogs_only=1 ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
if [ -z "$client" ] || [ -z "$out" ]; then sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
umask 077
mkdir -p "$out/dumps" "$out/binlogs"
exec 9>"$out/lock"
flock 9

first() { command -v "$1" || command -v "$2" || { echo "backup.sh: neither $1 nor $2 is installed" >&2; exit 1; }; }
mysql=$(first mariadb mysql)
dump=$(first mariadb-dump mysqldump)
binlog=$(first mariadb-binlog mysqlbinlog)
sql() { "$mysql" --defaults-file="$client" --batch --skip-column-names "$@"; }
SCHEMAS=(oversight_workforce oversight_caseload oversight_supervision oversight_compliance)

# All logs but the one being written; those that are here already are left out.
copy_binlogs() {
  local logs name
  sql -e 'FLUSH BINARY LOGS'
  mapfile -t logs < <(sql -e 'SHOW BINARY LOGS' | cut -f1)
  unset 'logs[-1]'
  for name in "${logs[@]}"; do
    [ ! -s "$out/binlogs/$name" ] || continue
    "$binlog" --defaults-file="$client" --read-from-remote-server --raw --result-file="$out/binlogs/partial-" "$name"
    mv "$out/binlogs/partial-$name" "$out/binlogs/$name"
  done
}

make_dump() {
  local at position
  at=$(date -u +%Y%m%dT%H%M%SZ)
  # MariaDB and MySQL name the option differently; both write the position into the dump as a comment.
  position=--master-data=2
  case $("$dump" --version) in *MariaDB*) ;; *) position=--source-data=2 ;; esac
  "$dump" --defaults-file="$client" --single-transaction "$position" --hex-blob --skip-lock-tables --skip-add-locks \
    --databases "${SCHEMAS[@]}" | gzip -1 >"$out/dumps/$at.partial"
  gzip -dc "$out/dumps/$at.partial" | tail -n 1 | grep -q '^-- Dump completed' || {
    echo 'backup.sh: the dump broke off' >&2
    exit 1
  }
  mv "$out/dumps/$at.partial" "$out/dumps/$at.sql.gz"
  (cd "$out/dumps" && sha256sum "$at.sql.gz" >"$at.sha256")
  printf '%s\n' "$out/dumps/$at.sql.gz"
}

[ "$binlogs_only" = 1 ] || make_dump
copy_binlogs
if [ -n "$keep" ]; then
  newest=$(find "$out/dumps" -name '*.sql.gz' | sort | tail -n 1)
  find "$out/dumps" -name '*.sql.gz' -mtime "+$keep" ! -path "$newest" -print -delete
fi
if [ -n "$metrics" ] && [ "$binlogs_only" = 0 ]; then
  cat >"$metrics.partial" <<TEXT
# HELP oversight_backup_timestamp_seconds When the last backup ended well, as seconds since 1970.
# TYPE oversight_backup_timestamp_seconds gauge
oversight_backup_timestamp_seconds $(date +%s)
TEXT
  chmod 644 "$metrics.partial"
  mv "$metrics.partial" "$metrics"
fi
