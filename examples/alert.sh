#!/usr/bin/env bash
# Tells a number what Nagios or Icinga has found, as a notification command.
#
#   alert.sh NUMBER TYPE HOST SERVICE STATE WHEN OUTPUT
#   alert.sh 6281234567890 PROBLEM db-1 disk CRITICAL 1774506600-1 'DISK CRITICAL - 2% free'
#
# SERVICE is empty for a host. WHEN is what tells this notification from the next, the time of the change of the state
# and the number of the notification. The idempotency key is made of all of it, so the same command, run again after a
# time-out or by a second monitor, sends once. KONEKWA_SESSION is the session to send from, or the profile's of
# konekwa(1). The user of the monitor needs to be in the group konekwa, or a key in KONEKWA_API_KEY_FILE.
#
# Exit code 0: the gateway has it on its disk, and sends it even if WhatsApp is away. 1: the gateway did not take it,
# also not within ALERT_PATIENCE seconds (20 if not set; Nagios kills after 30). 2: wrong arguments.
#
#   define command {                    ; for Nagios
#     command_name  notify-service-by-whatsapp
#     command_line  /usr/local/bin/alert.sh "$CONTACTPAGER$" "$NOTIFICATIONTYPE$" "$HOSTNAME$" "$SERVICEDESC$" \
#                   "$SERVICESTATE$" "$LASTSERVICESTATECHANGE$-$SERVICENOTIFICATIONNUMBER$" "$SERVICEOUTPUT$"
#   }
#   define command {
#     command_name  notify-host-by-whatsapp
#     command_line  /usr/local/bin/alert.sh "$CONTACTPAGER$" "$NOTIFICATIONTYPE$" "$HOSTNAME$" "" \
#                   "$HOSTSTATE$" "$LASTHOSTSTATECHANGE$-$HOSTNOTIFICATIONNUMBER$" "$HOSTOUTPUT$"
#   }
#
#   object NotificationCommand "whatsapp-service" {     // for Icinga 2; for hosts with "" and $host.state$
#     command = [ "/usr/local/bin/alert.sh", "$user.pager$", "$notification.type$", "$host.name$", "$service.name$",
#                 "$service.state$", "$service.last_state_change$-$notification.notification_number$",
#                 "$service.output$" ]
#     env.KONEKWA_SESSION = "ses_01"
#   }
set -euo pipefail

readonly output_max=1000   # a plugin may print pages
readonly patience=${ALERT_PATIENCE:-20}

if (($# != 7)) || [[ -z $1 || -z $2 || -z $3 || -z $5 ]]; then
  echo "usage: alert.sh NUMBER TYPE HOST SERVICE STATE WHEN OUTPUT" >&2
  exit 2
fi
number=$1 type=$2 host=$3 service=$4 state=$5 output=${7:0:output_max}

case $type in
  PROBLEM) sign=🔴 word=Masalah ;;
  RECOVERY) sign=🟢 word=Pulih ;;
  ACKNOWLEDGEMENT) sign=🔵 word='Sedang ditangani' ;;
  FLAPPING*) sign=🟠 word='Tidak stabil' ;;
  DOWNTIME*) sign=⚪ word='Pemeliharaan' ;;
  *) sign=⚪ word=$type ;;
esac
text="$sign $word: ${service:+$service di }$host $state
$output"
key=alert-$(printf '%s\0' "$@" | sha256sum | cut -c 1-40)

# 6: too busy, 7: not reachable; both pass, and with the key it is safe to try again.
while true; do
  status=0
  printf '%s' "$text" |
    konekwa send --to "$number" --text - --reference "$host${service:+/$service}" --idempotency-key "$key" -q \
      >/dev/null || status=$?
  case $status in
    0) exit 0 ;;
    6 | 7) ((SECONDS < patience)) || exit 1 ;;
    *) exit 1 ;;
  esac
  sleep 1
done
