#!/usr/bin/env bash
# Answers customers who write a keyword, such as "menu" or "jam buka"; everything else is left to people.
#
#   KONEKWA_SESSION=ses_01 auto-reply.sh
#
# AUTO_REPLY_STATE is the file that remembers how far it has come, ~/.local/state/konekwa/auto-reply-SESSION if not
# set. It can be killed at any time: it goes on behind the last message that it dealt with, and the one it was about to
# answer has an idempotency key made of its event, which the gateway knows for 24 hours. So each is answered once, also
# when the gateway or WhatsApp was away meanwhile. What waited for more than 12 hours is left to people, and so is what
# came before the first start. A session that was deleted and made again needs a state file of its own. Needs jq.
#
# It runs until it is stopped. Exit code 0: by SIGTERM or Ctrl-C. Otherwise that of konekwa events: 3: there is no such
# session, 4: the API key does not count, 7: the gateway is not reachable at the start. As a service:
#
#   [Service]
#   Environment=KONEKWA_SESSION=ses_01 AUTO_REPLY_STATE=/var/lib/auto-reply/state
#   ExecStart=/usr/local/bin/auto-reply.sh
#   StateDirectory=auto-reply
#   SupplementaryGroups=konekwa
#   DynamicUser=yes
#   Restart=always
#   RestartSec=5s
set -euo pipefail

session=${KONEKWA_SESSION:?set KONEKWA_SESSION to the id of a session}
state=${AUTO_REPLY_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/konekwa/auto-reply-$session}
readonly age_max_s=$((12 * 3600))   # below the life of idempotency keys

# answer_to TEXT: sets $answer, or fails if there is none. TEXT is in small letters, without spaces around it.
answer_to() {
  case $1 in
    menu | 'lihat menu') answer=$'Menu kami:\n1. Nasi goreng Rp25.000\n2. Mie ayam Rp20.000\n3. Es teh Rp5.000' ;;
    'jam buka' | 'buka jam berapa?' | buka) answer='Kami buka setiap hari pukul 08.00 sampai 21.00 WIB.' ;;
    alamat | lokasi) answer='Kami di Jl. Melati 1, Bandung.' ;;
    halo | hai | bantuan) answer='Halo! Ketik MENU, JAM BUKA atau ALAMAT. Pesan lain dijawab oleh staf kami.' ;;
    *) return 1 ;;
  esac
}

# remember SEQUENCE: a new file in the place of the old one, so that there is always a whole one.
remember() {
  printf '%s %s\n' "$1" "$since" >"$state.new"
  mv "$state.new" "$state"
}

# reply CHAT MESSAGE EVENT: until the gateway has taken it, or refuses it for good.
reply() {
  local status pause=1
  while true; do
    status=0
    printf '%s' "$answer" | konekwa send --session "$session" --to "$1" --reply-to "$2" --text - \
      --idempotency-key "auto-reply-$3" -q >/dev/null || status=$?
    case $status in
      6 | 7) ;;   # too busy, not reachable
      0) return ;;
      *)
        echo "auto-reply.sh: no answer to $2: konekwa send ended with $status" >&2
        return
        ;;
    esac
    sleep "$pause"
    pause=$((pause < 30 ? pause * 2 : 30))
  done
}

# handle EVENT: one line of JSON. From people, to this number, not in a group, with words.
handle() {
  local fields sequence id timestamp chat message words oldest answer
  fields=$(jq -r '[.sequence, .id, .timestamp, (.data.message |
    if .direction == "INBOUND" and (.is_group | not) and .message_type == "text"
    then .chat_id, .id, (.content // "" | ascii_downcase | gsub("\\s+"; " ") | ltrimstr(" ") | rtrimstr(" "))
    else "-", "-", "-" end)] | @tsv' <<<"$1")
  IFS=$'\t' read -r sequence id timestamp chat message words <<<"$fields"
  ((sequence > last)) || return 0
  oldest=$(date -u -d "-$age_max_s seconds" +%FT%TZ)
  if [[ ! $timestamp < $since && ! $timestamp < $oldest ]] && answer_to "$words"; then
    reply "$chat" "$message" "$id"
  fi
  last=$sequence
  remember "$last"
}

mkdir -p "$(dirname "$state")"
last=0 since=
[[ ! -s $state ]] || read -r last since <"$state"
if [[ -z $since ]]; then
  since=$(date -u +%FT%TZ)
  remember 0
fi

# The sequence of an event within its session is at most its position among all, so this begins at the last one or
# before it, and handle passes over what was dealt with. konekwa connects again by itself when the gateway was away.
coproc EVENTS { exec konekwa events --follow --session "$session" --types message.received --after "$last"; }
events=$EVENTS_PID
trap 'kill "$events" 2>/dev/null || true' EXIT
trap 'exit 0' INT TERM
exec 3<&"${EVENTS[0]}"
while IFS= read -r event <&3; do handle "$event" 3<&-; done
wait "$events"
