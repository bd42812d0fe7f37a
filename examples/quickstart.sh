#!/usr/bin/env bash
# From a clean clone on Debian 12 to messages that arrive, in both directions.
#
#   examples/quickstart.sh          without a phone: a simulated WhatsApp and its phones
#   examples/quickstart.sh --live   with your phone and WhatsApp itself
#
# Installs the missing packages of packaging/debian-packages.txt (with sudo unless you are root), builds, starts
# konekwad beside your own files, and leaves nothing running. KONEKWA_BIN_DIR names programs that are built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly install_limit_s=1800 build_limit_s=3600 start_limit_s=20 event_limit_s=30
mode=sandbox
case "${1-}" in
  '') ;;
  --live) mode=live ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    [[ $1 == -h || $1 == --help ]] && exit 0
    exit 2
    ;;
esac

say() { printf '\n== %s\n' "$*"; }
# Prints a command line as one would type it, runs it, and shows what it says.
try() {
  printf '   $ %s\n' "${*@Q}" | sed -E "s/'([A-Za-z0-9_.,:\/=+-]+)'/\1/g"
  "$@" 2>&1 | sed 's/^/   /'
}

children=()
work=
finish() {
  local status=$?
  trap - EXIT INT TERM
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  if ((status != 0 && status != 130)) && [[ -n $work && -s $work/konekwad.log ]]; then
    printf '\n== This went wrong (%s). The last lines of konekwad:\n' "$status" >&2
    tail -n 30 "$work/konekwad.log" >&2
  fi
  if [[ $mode == sandbox && -n $work ]]; then rm -rf "$work"; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local limit=$1 what=$2 started=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS - started >= limit)); then
      echo "gave up after $limit s waiting for $what" >&2
      return 1
    fi
    sleep 0.1
  done
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]; }

install_packages() {
  local package missing=() as_root=()
  while read -r package _; do
    [[ -z $package || $package == \#* ]] || is_installed "$package" || missing+=("$package")
  done <packaging/debian-packages.txt
  ((${#missing[@]} == 0)) && return
  say "Installing ${#missing[@]} packages: ${missing[*]}"
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout "$install_limit_s" sh -c \
    'apt-get -q update && exec apt-get -q -y install --no-install-recommends "$@"' sh "${missing[@]}"
}

if [[ -z ${KONEKWA_BIN_DIR-} ]]; then
  install_packages
  say "Building (the first time takes some minutes)"
  cmake --preset release >/dev/null
  timeout "$build_limit_s" cmake --build --preset release
  KONEKWA_BIN_DIR=$PWD/build/release/bin
fi
PATH=$KONEKWA_BIN_DIR:$PATH

start_konekwad() {
  konekwad --data-dir "$work/data" --socket "$work/konekwad.sock" --listen 127.0.0.1:0 \
    --allow-url-hosts 127.0.0.1 "$@" >>"$work/konekwad.log" 2>&1 &
  children+=($!)
  export KONEKWA_URL=unix://$work/konekwad.sock
  wait_for "$start_limit_s" konekwad konekwa health
}

# Starts the receiver of the session's webhooks, and tells konekwad where it is.
start_receiver() {
  local session=$1
  : >"$work/events"
  KONEKWA_WEBHOOK_SECRET=$(konekwa webhooks secret "$session") python3 examples/webhook_receiver.py \
    >"$work/events" 2>&1 &
  children+=($!)
  wait_for "$start_limit_s" "the webhook receiver" grep -q '^listening on ' "$work/events"
  local url
  url=$(sed -n 's/^listening on //p' "$work/events")
  try konekwa sessions webhooks "$session" --message "$url" --status "$url"
}

# On a terminal the code is followed until the phone has scanned it; elsewhere it is printed once.
show_code_and_scan() {
  local session=$1
  if [[ ! -t 1 ]]; then
    try konekwa qr "$session"
    try konekwa sandbox scan --session "$session"
    return
  fi
  printf '   $ konekwa qr %s\n' "$session"
  konekwa qr "$session" &
  sleep 3
  konekwa sandbox scan --session "$session" -q >/dev/null
  wait $!
}

run_sandbox() {
  work=$(mktemp -d)
  say "Starting konekwad with a simulated WhatsApp inside"
  start_konekwad --sandbox
  try konekwa health

  say "An API key, as a program would use it over TCP"
  try konekwa tokens create --name quickstart

  say "A session: a WhatsApp number to be"
  local session
  session=$(konekwa sessions create --name 'Toko Maju' -q)
  try konekwa sessions show "$session"
  start_receiver "$session"

  say "Linking it: a simulated phone scans the code"
  show_code_and_scan "$session"
  wait_for "$event_limit_s" "the session to be connected" grep -q -- '-> CONNECTED' "$work/events"
  try konekwa sessions list

  say "Sending to another simulated phone, and waiting until it has the message"
  local own customer
  own=$(konekwa sessions show "$session" --json | sed -nE 's/.*"phone_number":"([0-9]+)".*/\1/p')
  customer=$(konekwa sandbox phone --name Pelanggan -q)
  try konekwa send --session "$session" --to "$customer" --text 'Halo, pesanan Anda siap.' --wait delivered
  try konekwa sandbox inbox "$customer" --wait 1

  say "That phone answers; the answer arrives at the webhook, signed"
  try konekwa sandbox say --from "$customer" --to "$own" --text 'Terima kasih, saya ambil sore ini.'
  wait_for "$event_limit_s" "the answer" grep -q 'wrote: Terima kasih' "$work/events"
  sed 's/^/   /' "$work/events"

  say "Done: linked, sent, delivered, answered, and the webhook had it."
  cat <<'TEXT'
   With your own phone and WhatsApp itself:   examples/quickstart.sh --live
   All commands:                              konekwa --help, man man/konekwa.1
   All tests:                                 tests/run.sh
TEXT
}

run_live() {
  work=$PWD/build/live
  mkdir -p "$work"
  say "Starting konekwad, linked sessions are kept in $work"
  start_konekwad
  local session
  session=$(konekwa sessions list -q | head -n 1)
  [[ -n $session ]] || session=$(konekwa sessions create --name live -q)
  start_receiver "$session"
  say "Linking: in WhatsApp on your phone choose Linked devices, Link a device, and scan"
  konekwa qr "$session"
  cat <<TEXT

== Linked. Messages to your number appear below; Ctrl-C stops. Send from another terminal:

   export KONEKWA_URL=$KONEKWA_URL
   $KONEKWA_BIN_DIR/konekwa send --session $session --to 6281234567890 --text 'Halo' --wait sent

   To unlink it:  $KONEKWA_BIN_DIR/konekwa sessions delete $session --yes

TEXT
  tail -n +2 -f "$work/events"
}

"run_$mode"
