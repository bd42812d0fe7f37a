#!/usr/bin/env bash
# Measures the API on this machine, in a release build: tests/bench/run.sh [SECONDS of each figure, 5]
# The daemon's data and the probes' are in build/bench-data, on the disk of this checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly seconds=${1:-5}
readonly data=$PWD/build/bench-data
readonly bin=$PWD/build/bench/bin
daemon=

stop_daemon() {
  [[ -n $daemon ]] && kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null
  rm -rf "$data"
}
trap stop_daemon EXIT

cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DKONEKWA_BENCH=ON >/dev/null
cmake --build build/bench --target konekwad konekwa api_bench

rm -rf "$data"
mkdir -p "$data"
chmod 700 "$data"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# Nobody listens at port 9: the session stays unlinked, so that sending takes nothing from accepting.
"$bin/konekwad" --data-dir "$data" --socket "$data/s" --listen "127.0.0.1:$port" --log-level off \
  --whatsapp-url ws://127.0.0.1:9/ws/chat --rate-limit 0 --public-rate-limit 0 \
  --queue-max 1000000000 --queue-max-tenant 1000000000 &
daemon=$!
for _ in $(seq 100); do
  curl -fs "http://127.0.0.1:$port/health" >/dev/null && break
  sleep 0.1
done
export KONEKWA_URL=unix://$data/s
key=$("$bin/konekwa" tokens create --name bench --json | jq -r .token)
session=$("$bin/konekwa" sessions create --name bench --json 2>/dev/null | jq -r .id)
"$bin/konekwa" sessions disconnect "$session" >/dev/null
mkdir -p "$data/probes"
"$bin/api_bench" "$data/probes" 127.0.0.1 "$port" "$key" "$session" "$seconds"
