#!/usr/bin/env bash
# Makes a replica the primary. Run it only once the old primary is certainly dead or cut off: two primaries are worse than none.
# It first applies all that the replica has received, which with lossless replication is all that was ever acknowledged.
#
# Usage: promote.sh CLIENT.CNF        the options file of an administrator of the replica (MariaDB)
set -euo pipefail

client=${1:?usage: promote.sh CLIENT.CNF}
sql() { mariadb --defaults-file="$client" --batch --skip-column-names "$@"; }
status_of() { mariadb --defaults-file="$client" -e 'SHOW REPLICA STATUS\G' | sed -n "s/^ *$1: //p"; }

sql -e 'STOP REPLICA IO_THREAD'
received=$(status_of Gtid_IO_Pos)
printf 'received up to %s; applying\n' "${received:-nothing}"
[ -z "$received" ] || [ "$(sql -e "SELECT MASTER_GTID_WAIT('$received', 3600)")" = 0 ] || {
  echo 'promote.sh: not everything that was received could be applied; the replica is left as it is' >&2
  exit 1
}
sql -e 'STOP REPLICA; RESET REPLICA ALL; SET GLOBAL read_only = OFF'
printf 'this is the primary now, at %s\n' "$(sql -e 'SELECT @@gtid_binlog_pos')"
