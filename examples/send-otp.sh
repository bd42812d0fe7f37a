#!/usr/bin/env bash
# Sends a one-time code by WhatsApp and prints it, for the program that will check it.
#
#   KONEKWA_SESSION=ses_... examples/send-otp.sh 6281234567890
#
# Exit code 0: WhatsApp has the message. 3: it will not be delivered, for example because the number is not on WhatsApp:
# send an SMS instead. 1: anything else; the message may still leave, but not later than in 5 minutes.
set -euo pipefail

number=${1:?usage: send-otp.sh NUMBER}
session=${KONEKWA_SESSION:?set KONEKWA_SESSION to the id of a session}
chance=$(shuf --random-source=/dev/urandom -i 0-999999 -n 1)
printf -v code %06d "$chance"

# Words on the command line can be read by other users of the machine. So the text goes through stdin, and printf is the
# shell's own.
status=0
printf 'Kode Anda: %s. Berlaku 5 menit; jangan berikan kepada siapa pun.' "$code" |
  konekwa send --session "$session" --to "$number" --text - --expires-in 5m --wait sent --timeout 20s \
    -q >/dev/null || status=$?

case $status in
  0) echo "$code" ;;
  9) exit 3 ;;
  *) exit 1 ;;
esac
