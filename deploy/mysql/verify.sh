#!/usr/bin/env bash
# Verifies the ledgers of authorities with oversightctl and writes down whether they are intact, for alerts. Nightly. The
# options by which oversightctl reaches the services and says who calls come from its variables (OVERSIGHT_*_TARGET, ...).
#
# Usage: verify.sh --metrics FILE AUTHORITY...
set -euo pipefail

[ "${1:-}" = --metrics ] && [ $# -ge 3 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
metrics=$2
shift 2
result=0
intact='' verified=''
for authority in "$@"; do
  code=0
  oversightctl verify --authority "$authority" --timeout 1h || code=$?
  case $code in
    0) intact+="oversight_ledger_intact{authority=\"$authority\"} 1"$'\n' ;;
    1) intact+="oversight_ledger_intact{authority=\"$authority\"} 0"$'\n' ;;
    # It could not be found out: the older statement and its time stay.
    *) intact+=$(grep -F "oversight_ledger_intact{authority=\"$authority\"}" "$metrics" 2>/dev/null || true)$'\n'
       verified+=$(grep -F "oversight_ledger_verified_timestamp_seconds{authority=\"$authority\"}" "$metrics" 2>/dev/null || true)$'\n' ;;
  esac
  [ "$code" -gt 1 ] || verified+="oversight_ledger_verified_timestamp_seconds{authority=\"$authority\"} $(date +%s)"$'\n'
  [ "$code" -eq 0 ] || result=$code
done
{
  printf '# HELP oversight_ledger_intact Whether the ledgers verified: 1, or 0.\n# TYPE oversight_ledger_intact gauge\n'
  printf '%s' "$intact" | sed '/^$/d'
  printf '# HELP oversight_ledger_verified_timestamp_seconds When they were last verified.\n'
  printf '# TYPE oversight_ledger_verified_timestamp_seconds gauge\n'
  printf '%s' "$verified" | sed '/^$/d'
} >"$metrics.partial"
chmod 644 "$metrics.partial"
mv "$metrics.partial" "$metrics"
exit "$result"
