#!/usr/bin/env bash
# Fetches the tools with which tests/platform looks at manifests, rules and the edge, as packages of Debian that are unpacked
# into a folder and not installed: no daemon of theirs starts, nothing of the machine changes, nobody needs to be root.
# kustomize and the Kubernetes schema are those of Debian 13, whose releases know the fields that the manifests use.
# buf, which Debian does not have, comes by npm where that is at hand.
#
# Usage: tests/platform/tools.sh DIR
set -euo pipefail

here=${1:?usage: tests/platform/tools.sh DIR}
TOOLS=(
  kustomize/trixie golang-k8s-cli-runtime-dev/trixie
  prometheus/bookworm
  mariadb-client/bookworm
  haproxy/bookworm liblua5.3-0/bookworm libopentracing-c-wrapper0/bookworm libopentracing1/bookworm
)
BUF=1.75.0
wanted="${TOOLS[*]}"

mkdir -p "$here"
here=$(cd "$here" && pwd)

if [ "$(cat "$here/fetched-buf" 2>/dev/null)" != "$BUF" ]; then
  if command -v npm >/dev/null && npm install --prefix "$here/npm" --no-audit --no-fund --silent "@bufbuild/buf@$BUF"; then
    printf '%s' "$BUF" >"$here/fetched-buf"
  else
    echo 'tools.sh: no buf without npm and its registry: the declarations of the APIs will not be checked' >&2
  fi
fi

[ "$(cat "$here/fetched" 2>/dev/null)" != "$wanted" ] || exit 0
command -v apt-get >/dev/null || { echo "tools.sh: this is no Debian system" >&2; exit 1; }

rm -rf "$here/root" "$here/apt"
mkdir -p "$here/root" "$here/apt/lists/partial" "$here/apt/cache/archives/partial"
: >"$here/apt/status"
# From where this machine takes its own packages.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  grep -E '/debian/?$' | head -n 1 || true)
[ -n "$mirror" ] || { echo "tools.sh: apt does not say from where this machine takes Debian's packages" >&2; exit 1; }
for suite in bookworm trixie; do
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$suite"
done >"$here/apt/sources.list"
private=(-o Dir::Etc::sourcelist="$here/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o Dir::State::lists="$here/apt/lists" -o Dir::State::status="$here/apt/status" -o Dir::Cache="$here/apt/cache"
  -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none)

printf 'Fetching %s\n' "$wanted"
apt-get "${private[@]}" -qq update
(cd "$here/apt" && apt-get "${private[@]}" -qq download "${TOOLS[@]}")
for package in "$here"/apt/*.deb; do dpkg-deb -x "$package" "$here/root"; done
rm -rf "$here/apt"
printf '%s' "$wanted" >"$here/fetched"
