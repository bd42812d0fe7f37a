#!/usr/bin/env bash
# Measures the API on this machine, in a release build: tests/bench/run.sh [SECONDS of each figure, 5]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/bench/daemon.sh
source tests/bench/daemon.sh

readonly seconds=${1:-5}
start_daemon konekwa api_bench
mkdir -p "$data/probes"
"$bin/api_bench" "$data/probes" 127.0.0.1 "$port" "$key" "$session" "$seconds"
