#!/usr/bin/env bash
# Makes up the passwords of compose.yaml and the key of the session records, in deploy/compose-secrets; those that are there already stay.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/compose-secrets
mkdir -p "$folder"
for user in root oversight_{workforce,caseload,supervision,compliance}{,_migrate}; do
  # The containers run as other users than you.
  [ -s "$folder/$user" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$user"
  chmod 644 "$folder/$user"
done
# One key, in the form of common/crypto/README.md. Whoever loses it loses the texts.
[ -s "$folder/record_keys" ] || printf 'first %s active\n' "$(head -c 32 /dev/urandom | base64)" >"$folder/record_keys"
chmod 644 "$folder/record_keys"
chmod 711 "$folder"
