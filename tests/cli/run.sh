#!/usr/bin/env bash
# The CLI as its users meet it: what it shows, and sessions at a prompt. Needs the programs of KONEKWA_BIN_DIR.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

output=$(python3 -m unittest -v surface_test manual_test phrases_test transcript_test coverage_test routes_test \
  qr_test terminal_test screenshots_test shell_test \
  examples.{quickstart,otp,monitor,invoices,auto_reply,journal_alert,proxy,listed}_test 2>&1)
status=$?
echo "$output"
failed=$(grep -cE '^(FAIL|ERROR): ' <<<"$output")
ran=$(sed -nE 's/^Ran ([0-9]+) tests? .*/\1/p' <<<"$output")
failed=$((failed > ${ran:-0} ? ${ran:-0} : failed))
echo "$((${ran:-0} - failed)) passed, $failed failed"
exit "$status"
