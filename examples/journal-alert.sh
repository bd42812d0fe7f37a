#!/usr/bin/env bash
# Follows the errors of konekwad in the journal, and tells each kind once an hour.
#
#   ADMIN=6281234567890 KONEKWA_SESSION=ses_01 journal-alert.sh     to a number
#   ALERT_COMMAND='mail -s konekwad root' journal-alert.sh     gets the text on stdin
#
# A line of konekwad is "component: what happened", such as "session: ses_01: connection ended: ..."; the journal keeps
# the priority (3: error, 4: warning, 6: info) and the time beside it. To look for oneself:
#
#   journalctl -u konekwad -p warning --since -1h              what was not as it should be
#   journalctl -u konekwad -f -o cat -g '^session: ses_01:'    one session, as it happens
#   journalctl -u konekwad -o json | jq -r 'select(.PRIORITY <= "4") | .MESSAGE'
#
# An alert may fail and make another line in the journal, and no loop comes of it: lines that name a message this has
# sent are passed over, a kind of line (with its numbers and ids left out) is told once an hour, and not more than
# ALERTS_MAX (6 if not set) an hour in all, of which the last says so. JOURNAL_ALERT_STATE is the file with the place in
# the journal where it goes on after a restart, ~/.local/state/konekwa/journal-alert if not set.
# Needs jq, and a user in the groups systemd-journal and konekwa. An error that keeps konekwad from sending is told as
# soon as it takes messages again; use ALERT_COMMAND for another way out.
#
# It runs until it is stopped. Exit code 0: by SIGTERM or Ctrl-C. 1: journalctl ended. 2: a variable is missing.
set -euo pipefail

readonly alerts_max=${ALERTS_MAX:-6} hour_s=3600 text_max=500 own_max=100
readonly last_text='(Batas peringatan per jam tercapai; selanjutnya lihat journalctl -u konekwad.)'
state=${JOURNAL_ALERT_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/konekwa/journal-alert}
if [[ -z ${ALERT_COMMAND-} && -z ${ADMIN-} ]]; then
  echo "journal-alert.sh: set ADMIN to a number, or ALERT_COMMAND" >&2
  exit 2
fi

own=()                  # ids of messages that this has sent
declare -A told_at=()   # when a kind was told
sent_at=()              # when alerts were sent, within the last hour

# alert TEXT KIND: until it is taken, or cannot be.
alert() {
  local id
  if [[ -n ${ALERT_COMMAND-} ]]; then
    bash -c "$ALERT_COMMAND" <<<"$1" >&2 || echo "journal-alert.sh: ALERT_COMMAND failed" >&2
    return
  fi
  # The hour in the key: a restart tells nothing twice.
  until id=$(konekwa send --to "$ADMIN" --text - -q \
    --idempotency-key "journal-$ADMIN-$(date +%F-%H)-$2" <<<"$1"); do
    # 6: too busy, 7: not reachable. What else there is will not pass, and is no reason to stop.
    [[ $? == [67] ]] || return 0
    sleep 5
  done
  own+=("$id")
  ((${#own[@]} <= own_max)) || own=("${own[@]:1}")
}

# handle PRIORITY MESSAGE
handle() {
  local message=${2:0:text_max} kind now=$SECONDS id recent=()
  [[ $1 =~ ^[0-3]$ ]] || return 0
  for id in "${own[@]}"; do [[ $message != *"$id"* ]] || return 0; done
  kind=$(sed -E 's/\b(msg|evt|req|whd|med|tpl)_[a-z0-9]+//g; s/[0-9]+/#/g' <<<"$message" |
    sha256sum | cut -c 1-40)
  [[ -z ${told_at[$kind]-} ]] || ((now - told_at[$kind] >= hour_s)) || return 0
  for id in "${sent_at[@]}"; do ((now - id >= hour_s)) || recent+=("$id"); done
  sent_at=("${recent[@]}")
  ((${#sent_at[@]} < alerts_max)) || return 0
  told_at[$kind]=$now
  sent_at+=("$now")
  ((${#sent_at[@]} < alerts_max)) || message+=$'\n'$last_text
  alert "Galat konekwad di $(hostname): $message" "$kind"
}

mkdir -p "$(dirname "$state")"
begin=(--lines=0)
[[ ! -s $state ]] || begin=(--no-tail --after-cursor="$(<"$state")")

coproc JOURNAL { exec journalctl --unit=konekwad --priority=err --output=json --follow "${begin[@]}"; }
journal=$JOURNAL_PID
trap 'kill "$journal" 2>/dev/null || true' EXIT
trap 'exit 0' INT TERM
exec 3<&"${JOURNAL[0]}"
while IFS= read -r entry <&3; do
  # A message with other octets than text is an array of them.
  fields=$(jq -r '[.__CURSOR, .PRIORITY, (.MESSAGE | if type == "array" then implode else . // "" end)] | @tsv' \
    <<<"$entry") || continue
  IFS=$'\t' read -r cursor priority message <<<"$fields"
  handle "$priority" "$message" 3<&-
  printf '%s\n' "$cursor" >"$state.new"
  mv "$state.new" "$state"
done
exit 1
