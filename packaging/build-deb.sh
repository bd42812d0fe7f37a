#!/usr/bin/env bash
# Builds the Debian packages of the tracked files as they are, in a copy: nothing in this tree changes.
#
#   packaging/build-deb.sh [--version VERSION] [--source-dir DIR] [OUTPUT_DIR]
#
# OUTPUT_DIR is build/deb unless named. DIR is where the copy is made and kept; without it, a temporary one. VERSION
# replaces the one of debian/changelog. DEB_BUILD_OPTIONS is "nocheck parallel=N" unless set: tests/run.sh has tested.
# What it needs: packaging/debian-packages.txt and debhelper.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

version='' source_dir='' output=$PWD/build/deb
while (($# > 0)); do
  case $1 in
    --version | --source-dir)
      (($# > 1)) || usage
      if [[ $1 == --version ]]; then version=$2; else source_dir=$2; fi
      shift
      ;;
    -*) usage ;;
    *) output=$1 ;;
  esac
  shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source_dir=${source_dir:-$work/konekwa}
mkdir -p "$source_dir" "$output"
output=$(cd "$output" && pwd)
source_dir=$(cd "$source_dir" && pwd)

# Times in the packages are never later than the changelog's, and so here all are the same.
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l packaging/debian/changelog -S Timestamp)
export SOURCE_DATE_EPOCH
git ls-files -z | tar --create --null --files-from=- --mtime="@$SOURCE_DATE_EPOCH" |
  tar --extract --directory="$source_dir"
cp -a "$source_dir/packaging/debian" "$source_dir/debian"
[[ -n $version ]] && sed -i "1s/([^)]*)/($version)/" "$source_dir/debian/changelog"

# debhelper builds with a home of its own, where no cache is.
if command -v ccache >/dev/null; then
  CCACHE_DIR=${CCACHE_DIR:-$(ccache --get-config cache_dir)}
  export CCACHE_DIR
fi
export DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS:-nocheck parallel=$(nproc)}
# Packages go beside the tree: into a folder that holds nothing else.
(cd "$source_dir" && dpkg-buildpackage --build=binary --unsigned-changes --unsigned-buildinfo)
mv "$source_dir"/../konekwa*_*.{deb,changes,buildinfo} "$output"
