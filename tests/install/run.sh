#!/usr/bin/env bash
# The Debian packages, from nothing: lintian, the same octets from two builds, and their life on a machine of their own
# (installed, upgraded, rebooted, removed, purged), which is a debootstrap root that systemd boots in a container
# without a network.
#
#   tests/install/run.sh              builds twice; the second time in another folder, and compiles everything
#   KONEKWA_DEBS=DIR tests/install/run.sh    takes built packages, and does not ask whether they are reproducible
#
# Needs root, a network for the first run, debhelper, lintian, debootstrap and systemd-container.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly work=$PWD/build/install
readonly debs=${KONEKWA_DEBS:-$work/debs}
readonly base_days_max=7
good=0 bad=0

# check NAME COMMAND...: counts it as one case.
check() {
  local name=$1
  shift
  if "$@"; then
    echo "ok $name"
    good=$((good + 1))
  else
    echo "FAIL $name"
    bad=$((bad + 1))
  fi
}

# With ccache the compiler is given relative paths, which debug information shows, and so the build id: it is used in
# both, but nothing is in its cache the second time.
is_reproducible() {
  rm -rf "$work/second"
  CCACHE_DIR=$work/second/ccache packaging/build-deb.sh --source-dir "$work/second/a-longer-path/konekwa" \
    "$work/second/debs" >"$work/second-build.log" 2>&1 || return
  (cd "$debs" && sha256sum ./*.deb) >"$work/second/sums"
  (cd "$work/second/debs" && sha256sum --check "$work/second/sums")
}

# The bare machine: Debian, systemd, and what the test itself uses. Made anew when its package lists are old.
make_base() {
  local base=$work/base sources=/etc/apt/sources.list.d/debian.sources
  [[ -e $base/made && -z $(find "$base/made" -mtime "+$base_days_max") ]] && return
  rm -rf "$base"
  debootstrap --variant=minbase --include=ca-certificates,curl,dbus,systemd,systemd-sysv bookworm "$base"
  # The packages were built against these suites, security among them.
  if [[ -e $sources ]]; then
    cp "$sources" "$base/etc/apt/sources.list.d/"
    : >"$base/etc/apt/sources.list"
  fi
  # debootstrap makes none, and the resolver of the host is out of reach.
  echo '127.0.0.1 localhost' >"$base/etc/hosts"
  chroot "$base" apt-get -q update
  # They are started when a test wants them.
  printf 'exit 101\n' | install -m 755 /dev/stdin "$base/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive chroot "$base" apt-get -q -y install --no-install-recommends nginx-light caddy
  chroot "$base" systemctl disable nginx caddy
  rm "$base/usr/sbin/policy-rc.d"
  touch "$base/made"
}

# A copy of it that has the packages at hand, and in apt's cache what they depend on: the machine has no network.
make_machine() {
  local machine=$work/machine
  rm -rf "$machine"
  cp -a --reflink=auto "$work/base" "$machine"
  mkdir "$machine/debs"
  find "$debs" -name '*.deb' ! -name '*-dbgsym_*' -exec cp {} "$machine/debs" \;
  cp tests/unit/media_probe/files/photo.jpg "$machine/debs"
  chroot "$machine" sh -c 'apt-get -q -y install --download-only --no-install-recommends /debs/*.deb'
  cp -a "$machine/var/cache/apt/archives/." "$work/base/var/cache/apt/archives/"
}

mkdir -p "$work"
DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)"
export DEB_BUILD_OPTIONS
if [[ -z ${KONEKWA_DEBS-} ]]; then
  rm -rf "$debs"
  packaging/build-deb.sh "$debs" >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; exit 1; }
  check "two builds give the same octets" is_reproducible
fi
check "lintian finds nothing" lintian --allow-root --fail-on error,warning "$debs"/*.changes
make_base
make_machine
output=$(cd tests/install && python3 -m unittest -v -f install_test 2>&1) || true
echo "$output"
ran=$(sed -nE 's/^Ran ([0-9]+) tests? .*/\1/p' <<<"$output")
failed=$(grep -cE '^(FAIL|ERROR): ' <<<"$output" || true)
echo "$((good + ${ran:-0} - failed)) passed, $((bad + failed)) failed"
((bad + failed == 0 && ${ran:-0} > 0))
