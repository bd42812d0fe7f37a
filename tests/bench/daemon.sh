# For the scripts beside it: start_daemon builds in release, runs a konekwad whose data is in build/bench-data, on the
# disk of this checkout, and exports KONEKWA_URL. Sets bin, data, port, key, session; stops the daemon at the end.
# shellcheck shell=bash

readonly data=$PWD/build/bench-data
readonly bin=$PWD/build/bench/bin
daemon=

stop_daemon() {
  [[ -n $daemon ]] && kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null
  rm -rf "$data"
}

# start_daemon TARGET...: builds these and konekwad.
start_daemon() {
  cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DKONEKWA_BENCH=ON >/dev/null
  cmake --build build/bench --target konekwad "$@"
  rm -rf "$data"
  mkdir -p "$data"
  chmod 700 "$data"
  trap stop_daemon EXIT
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
  # shellcheck disable=SC2034  # for whoever starts it
  key=$("$bin/konekwa" tokens create --name bench --json | jq -r .token)
  session=$("$bin/konekwa" sessions create --name bench --json 2>/dev/null | jq -r .id)
  "$bin/konekwa" sessions disconnect "$session" >/dev/null
}
