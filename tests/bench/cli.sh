#!/usr/bin/env bash
# Measures what the command line costs, in a release build: `konekwa send` from start to exit beside a bare curl of the
# same request over the same Unix socket, by hyperfine in one run. The goal is a difference of at most 10 ms.
#   tests/bench/cli.sh [RUNS, 200]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/bench/daemon.sh
source tests/bench/daemon.sh

readonly runs=${1:-200}
start_daemon konekwa
readonly result=$data/hyperfine.json
body=$(jq -nc --arg session "$session" \
  '{session_id: $session, recipient: "6281234567890", message_type: "text", content: "Halo"}')
hyperfine --shell=none --warmup 20 --runs "$runs" --export-json "$result" \
  --command-name curl "curl -s -o $data/answer --unix-socket $data/s -H content-type:application/json -d $body
                       http://localhost/v1/messages" \
  --command-name konekwa "$bin/konekwa send --session $session --to 6281234567890 --text Halo -q"
jq -r '[.results[].median] | (.[1] - .[0]) * 1000 | "konekwa send takes \(. * 100 | round / 100) ms more than curl",
  if . <= 10 then empty else error("that is more than 10 ms") end' "$result"
