#!/usr/bin/env bash
# Makes up the passwords of compose.yaml, in deploy/compose-secrets; those that are there already stay.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/compose-secrets
mkdir -p "$folder"
for user in root oversight_{workforce,caseload,supervision,compliance}{,_migrate}; do
  # The containers run as other users than you.
  [ -s "$folder/$user" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$user"
  chmod 644 "$folder/$user"
done
chmod 711 "$folder"
