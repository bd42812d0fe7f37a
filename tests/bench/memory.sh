#!/usr/bin/env bash
# How much memory konekwad holds with so many linked sessions that nobody writes to: tests/bench/memory.sh [1 10 100]
# The sandbox is a process of its own, and is reached over TLS as WhatsApp is. In a release build, unless
# KONEKWA_BIN_DIR names the programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

counts=("$@")
((${#counts[@]})) || counts=(1 10 100)
readonly settled_s=10 # until caches and the allocator have come to rest
readonly bin=${KONEKWA_BIN_DIR:-$PWD/build/bench/bin}
data=$(mktemp -d)
daemon='' sandbox=''

clean_up() {
  local process
  for process in $daemon $sandbox; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null; done
  rm -rf "$data"
}
trap clean_up EXIT

# await COMMAND...: repeats it until it succeeds, for 20 s at most.
await() {
  for _ in $(seq 200); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  echo "memory.sh: never came true: $*" >&2
  return 1
}

are_connected() {
  local connected
  connected=$("$bin/konekwa" sessions list --json | jq '[.sessions[] | select(.status == "CONNECTED")] | length')
  ((connected == $1))
}

if [[ -z ${KONEKWA_BIN_DIR:-} ]]; then
  cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DKONEKWA_BENCH=ON >/dev/null
  cmake --build build/bench --target konekwad konekwa konekwa-sandbox
fi

"$bin/konekwa-sandbox" --tls --listen 127.0.0.1:0 --log-level off >"$data/sandbox" &
sandbox=$!
await test -s "$data/sandbox"
known() { jq -r ".$1" "$data/sandbox"; }
"$bin/konekwad" --data-dir "$data/d" --socket "$data/s" --listen 127.0.0.1:0 --log-level off --rate-limit 0 \
  --whatsapp-url "$(known url)" --whatsapp-root-key "$(known root_key)" --whatsapp-ca-file "$(known ca_file)" &
daemon=$!
KONEKWA_URL=unix://$data/s
KONEKWA_SANDBOX_URL=$(known admin)
SSL_CERT_FILE=$(known ca_file)
export KONEKWA_URL KONEKWA_SANDBOX_URL SSL_CERT_FILE
await "$bin/konekwa" health -q

linked=0
for count in "${counts[@]}"; do
  while ((linked < count)); do
    linked=$((linked + 1))
    "$bin/konekwa" sessions create --name "s$linked" --id "s$linked" -q >/dev/null
    await "$bin/konekwa" sandbox scan --session "s$linked" --phone $((6281234000000 + linked)) -q
  done
  await are_connected "$count"
  sleep "$settled_s"
  awk -v count="$count" '/^VmRSS/ { rss = $2 } /^RssAnon/ { own = $2 } END {
    printf "%4d sessions: %5.1f MiB resident, %5.1f MiB of that its own\n", count, rss / 1024, own / 1024 }' \
    "/proc/$daemon/status"
done
