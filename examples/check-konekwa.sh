#!/usr/bin/env bash
# Checks the gateway itself, as a plugin of Nagios or Icinga.
#
#   check-konekwa.sh [-w SECONDS] [-c SECONDS] [-s SESSION]...
#
#   -w, -c   how long a message that may go, or a webhook, may wait: 300 and 1800 seconds if not given
#   -s       a session that has to be connected, by its id or name; without one, every session that was linked and not
#            taken offline on purpose
#
# Exit code 0: OK. 1: WARNING, a session connects again, or something waits for longer than -w. 2: CRITICAL, the
# gateway does not answer or cannot write to its disk, a session is logged out, or something waits for longer than -c.
# 3: UNKNOWN, wrong arguments, a key without the right, or an answer that was not understood.
# The user of the monitor needs to be in the group konekwa, or a key with the scopes sessions:read, messages:read and
# metrics:read in KONEKWA_API_KEY_FILE. Needs jq.
#
#   define command {
#     command_name  check_konekwa
#     command_line  /usr/local/bin/check-konekwa.sh -w $ARG1$ -c $ARG2$
#   }
#   define service {
#     use                  generic-service
#     host_name            wa-1
#     service_description  WhatsApp gateway
#     check_command        check_konekwa!300!1800
#     contacts             admin          ; by mail: what this finds may be why WhatsApp tells nobody
#   }
set -euo pipefail

readonly words=(OK WARNING CRITICAL UNKNOWN)
level=0
found=()
perfdata=

finish() {
  local all
  all=$(printf '; %s' "${found[@]}")
  echo "KONEKWA ${words[level]} - ${all:2}${perfdata:+ | $perfdata}"
  exit "$level"
}
give_up() {
  level=$1
  found=("$2")
  finish
}
# Finding is at least this bad.
find_at() {
  ((level >= $1)) || level=$1
  found+=("$2")
}
trap 'give_up 3 "line $LINENO of the plugin failed"' ERR

warning=300 critical=1800
wanted=()
while getopts w:c:s: option; do
  case $option in
    w) warning=$OPTARG ;;
    c) critical=$OPTARG ;;
    s) wanted+=("$OPTARG") ;;
    *) give_up 3 "usage: check-konekwa.sh [-w SECONDS] [-c SECONDS] [-s SESSION]..." ;;
  esac
done
[[ $warning =~ ^[0-9]+$ && $critical =~ ^[0-9]+$ ]] || give_up 3 "-w and -c take seconds"

# ask WORDS...: the answer of konekwa in $answer. It is not reachable: critical. The key is wrong: unknown.
ask() {
  local status=0
  answer=$(konekwa "$@") || status=$?
  case $status in
    0) ;;
    4) give_up 3 "the API key has not the right for: konekwa $1" ;;
    7) give_up 2 "the gateway is not reachable" ;;
    *) give_up 2 "konekwa $1 ended with $status${answer:+: ${answer:0:200}}" ;;
  esac
}

ask health --ready --json
ask health --metrics
metrics=$answer
metric() { awk -v name="$1" '$1 == name { print int($2) }' <<<"$metrics"; }
webhooks=$(metric konekwa_webhooks_pending)
webhook_age=$(metric konekwa_webhooks_oldest_age_seconds)

# What was never linked, and what somebody took offline, is as it should be, unless -s asks for it.
declare -A seen=()
is_wanted() {
  local each
  for each in "${wanted[@]}"; do
    [[ $each == "$1" || $each == "$2" ]] || continue
    seen[$each]=1
    return 0
  done
  return 1
}

ask sessions list --json
sessions=$(jq -r '.sessions[] | [.id, .status, .status_reason // "-", .name] | @tsv' <<<"$answer")
total=0 connected=0
while IFS=$'\t' read -r id status reason name; do
  [[ -n $id ]] || continue
  case $status/$reason in
    CONNECTED/*) severity=0 ;;
    */STREAM_REPLACED | */USER_REQUEST | */QR_TIMEOUT) severity=2 ;;
    CONNECTING/* | DISCONNECTED/*) severity=1 ;;   # these come back by themselves
    *) severity=2 ;;
  esac
  if ((${#wanted[@]} > 0)); then
    is_wanted "$id" "$name" || continue
  elif [[ $status/$reason =~ ^(CREATED|WAITING_QR|PASSKEY_REQUIRED)/|/(USER_REQUEST|QR_TIMEOUT)$ ]]; then
    continue
  fi
  total=$((total + 1))
  if ((severity == 0)); then
    connected=$((connected + 1))
  else
    find_at "$severity" "$name ($id) is $status, $reason"
  fi
done <<<"$sessions"
for each in "${wanted[@]}"; do
  [[ -n ${seen[$each]-} ]] || find_at 2 "there is no session $each"
done

# Of the messages that wait for too long the oldest counts. The list has the newest first and a page 100, so of a
# longer queue it is an age that the oldest has at least; whether a limit is broken is known in any case.
message_age=0
for limit in "$critical" "$warning" 0; do
  older=()
  ((limit == 0)) || older=(--until "$(date -u -d "-$limit seconds" +%FT%TZ)")
  ask messages list --status QUEUED --page-size 100 --json "${older[@]}"
  message_age=$(jq '[.messages[] | now - ((.send_at // .created_at) | fromdate) | floor] | max // 0' <<<"$answer")
  ((message_age == 0)) || break
done

for age in "message:$message_age" "webhook:$webhook_age"; do
  seconds=${age#*:}
  if ((seconds > critical)); then
    find_at 2 "a ${age%:*} waits for $seconds s"
  elif ((seconds > warning)); then
    find_at 1 "a ${age%:*} waits for $seconds s"
  fi
done
((level > 0)) || found=("$connected of $total sessions connected")
perfdata="connected=$connected;;;0;$total oldest_message=${message_age}s;$warning;$critical;0"
perfdata+=" webhooks_pending=$webhooks;;;0 oldest_webhook=${webhook_age}s;$warning;$critical;0"
finish
