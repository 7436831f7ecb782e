#!/usr/bin/env bash
# Builds the image of Oversight on any Debian 12, as root, with buildah. Needs no registry: what it stands on is made from
# Debian's packages by mmdebstrap.
#
# Usage: deploy/image/build.sh [--tag NAME] [--debian IMAGE] [--programs DIR] [--archive FILE] [--no-install]
#   --tag       the image's name (oversight:VERSION)
#   --debian    an image of Debian 12 to compile in, instead of one made here
#   --programs  a build tree of this machine, which must be a Debian 12: only what is missing is compiled
#   --archive   also writes the image into this file (OCI), to be pushed by whoever may
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=deploy/machine.sh
. "$top/deploy/machine.sh"

version=$(sed -n 's/^project(oversight VERSION \([^ ]*\).*/\1/p' "$top/CMakeLists.txt")
tag=oversight:$version debian='' programs='' archive='' install=1
while [ $# -gt 0 ]; do
  case $1 in
    --tag) tag=$2; shift ;;
    --debian) debian=$2; shift ;;
    --programs) programs=$(realpath "$2"); shift ;;
    --archive) archive=$(realpath -m "$2"); shift ;;
    --no-install) install=0 ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || { echo 'build.sh: making root file systems needs root' >&2; exit 1; }
tools=(buildah)
if [ -n "$programs" ]; then tools+=(binutils cmake python3); else tools+=(mmdebstrap); fi
[ "$install" = 0 ] || install_packages "${tools[@]}"

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
revision=$(git -C "$top" rev-parse HEAD 2>/dev/null || echo unknown)
SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH
# chroot: the steps of the build need neither a runtime nor cgroups.
options=(--isolation=chroot --network=host --timestamp "$SOURCE_DATE_EPOCH" --tag "$tag"
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH")

if [ -n "$programs" ]; then
  cmake --build "$programs" --target oversight_in_one >/dev/null
  python3 "$here/collect.py" "$programs" "$top" "$context/image"
  # The last stage alone, fed from here.
  sed -n '/^FROM scratch/,$p' "$here/Containerfile" | sed 's,^COPY --from=builder /image/ /,COPY image/ /,' >"$context/Containerfile"
else
  if [ -z "$debian" ]; then
    debian=localhost/oversight-debian:12
    mmdebstrap --quiet --variant=minbase bookworm "$context/debian.tar"
    base=$(buildah from scratch)
    buildah add --quiet "$base" "$context/debian.tar" / >/dev/null
    buildah commit --quiet "$base" "$debian" >/dev/null
    buildah rm "$base" >/dev/null
    rm "$context/debian.tar"
  fi
  options+=(--build-arg "DEBIAN=$debian")
  (cd "$top" && git ls-files -z | tar --null --files-from=- -cf - ) | tar -C "$context" -xf -
  cp "$here/Containerfile" "$context/Containerfile"
fi
buildah build "${options[@]}" --file "$context/Containerfile" "$context"
[ -z "$archive" ] || buildah push --quiet "$tag" "oci-archive:$archive:$tag"
# What a registry stores and a node fetches is the compressed layer.
buildah push --quiet "$tag" "oci:$context/pushed" >/dev/null
largest=$(ls -S "$context"/pushed/blobs/sha256 | head -n 1)
printf 'built %s: %s MB unpacked, %s MB compressed\n' "$tag" \
  "$(gzip -dc "$context/pushed/blobs/sha256/$largest" | wc -c | awk '{printf "%.1f", $1 / 1e6}')" \
  "$(stat -c %s "$context/pushed/blobs/sha256/$largest" | awk '{printf "%.1f", $1 / 1e6}')"
