#!/usr/bin/env bash
# Every test of the project. Installs nothing; .ci/run does.
#
#   tests/run.sh         build, tidy, unit, simulation (300 seeds), cli, integration, interop: before a push
#   tests/run.sh fast    build, tidy, unit, 50 seeds: before a commit
#   tests/run.sh long    sanitizers, 10,000 seeds, fuzzing, kill loops, Debian packages: overnight
#   tests/run.sh STAGE…  only these, such as "unit interop", "asan", "kill", "fuzz" or "install"
#
# Each stage has a limit. Its output is in build/test-logs, and shown when it fails. The last line counts test cases.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

readonly logs=$PWD/build/test-logs
readonly jobs=${KONEKWA_JOBS:-$(nproc)}
passed=0
failed=0
mkdir -p "$logs"

# stage NAME LIMIT_S COMMAND...: runs it, counts what its last "N passed, N failed" line says, or itself as one case.
stage() {
  local name=$1 limit=$2 log=$logs/$1.log started=$SECONDS status=0 counted
  shift 2
  timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null || status=$?
  counted=$(grep -Eo '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
  local good=0 bad=0
  if [[ -n $counted ]]; then
    read -r good _ bad _ <<<"$counted"
  elif ((status == 0)); then
    good=1
  fi
  ((status != 0 && bad == 0)) && bad=1
  passed=$((passed + good))
  failed=$((failed + bad))
  printf '%-24s %4d s  %4d passed %3d failed\n' "$name" $((SECONDS - started)) "$good" "$bad"
  ((bad == 0)) && return
  ((status == 124 || status == 137)) && echo "  not done within its limit of $limit s"
  tail -n 60 "$log" | sed 's/^/  | /'
  echo "  all of it: $log"
  return 1
}

# ctest's own summary as "N passed, N failed".
run_ctest() {
  local output status=0
  output=$(ctest --test-dir "$1" --output-on-failure --timeout 120 -j "$jobs" 2>&1) || status=$?
  echo "$output"
  sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests failed out of ([0-9]+)$/\2 \1/p' <<<"$output" |
    { read -r all bad && echo "$((all - bad)) passed, $bad failed"; }
  return "$status"
}

build() {
  cmake --preset "$1" && cmake --build --preset "$1" -j "$jobs"
}

# Scripts are read by shellcheck where it is installed; the rules of the tree need nothing but Python.
run_tidy() {
  local bad=0
  python3 tests/tidy/self_test.py || bad=$((bad + 1))
  python3 tests/tidy/tidy.py --build build/dev || bad=$((bad + 1))
  python3 tests/tidy/include_rules.py || bad=$((bad + 1))
  if command -v shellcheck >/dev/null; then
    git ls-files -z '*.sh' .ci/run | xargs -0 -r shellcheck || bad=$((bad + 1))
  else
    echo "shellcheck is not installed"
  fi
  echo "$((4 - bad)) passed, $bad failed"
  ((bad == 0))
}

run_interop() {
  if [[ ! -d tests/interop/node_modules/baileys ]]; then
    echo "Baileys is not installed: run npm ci in tests/interop"
    return 1
  fi
  node tests/interop/run.js
}

# Starts from the corpus in the tree; what it learns and finds stays in the build folder.
fuzz_one() {
  local name=${1##*/} seconds=${KONEKWA_FUZZ_SECONDS:-60}
  mkdir -p "build/fuzz/corpus/$name"
  local corpora=("build/fuzz/corpus/$name")
  [[ -d tests/fuzz/corpus/$name ]] && corpora+=("tests/fuzz/corpus/$name")
  if "$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="build/fuzz/$name-" \
    "${corpora[@]}" >"$logs/$name.log" 2>&1; then
    echo "ok $name"
  else
    tail -n 40 "$logs/$name.log"
    echo "FAIL $name"
  fi
}

run_fuzz() {
  local results bad good
  # shellcheck disable=SC2016  # the inner shell expands it
  results=$(printf '%s\0' build/fuzz/bin/*_fuzz | xargs -0 -P "$jobs" -n 1 bash -c 'fuzz_one "$@"' bash)
  echo "$results"
  good=$(grep -c '^ok ' <<<"$results")
  bad=$(grep -c '^FAIL ' <<<"$results")
  echo "$good passed, $bad failed"
  ((bad == 0 && good > 0))
}

build_fuzzers() {
  cmake --preset fuzz && cmake --build --preset fuzz --target fuzzers -j "$jobs"
}

export -f run_ctest build build_fuzzers run_tidy run_interop run_fuzz fuzz_one
export jobs logs

in_shell() {
  local name=$1 limit=$2
  shift 2
  stage "$name" "$limit" bash -c '"$@"' bash "$@"
}

stage_build() { in_shell build 3000 build dev; }
stage_tidy() { in_shell tidy 120 run_tidy; }
stage_unit() { in_shell unit 300 run_ctest build/dev; }
stage_simulation() { stage simulation 600 build/dev/bin/sim_test --seeds "${1:-300}"; }
stage_cli() { stage cli 300 tests/cli/run.sh; }
stage_integration() { stage integration 420 python3 tests/integration/run.py; }
stage_interop() { in_shell interop 900 run_interop; }

# Nothing below is worth running when the programs are not there.
run_fast() {
  stage_build || return
  stage_tidy
  stage_unit
  stage_simulation 50
}

run_all() {
  stage_build || return
  stage_tidy
  stage_unit
  stage_simulation
  stage_cli
  stage_integration
  stage_interop
}

stage_asan() {
  export UBSAN_OPTIONS=print_stacktrace=1
  # Freed memory is given back soon, because tests look at how much there is; some preload a library of their own.
  export ASAN_OPTIONS=quarantine_size_mb=1:verify_asan_link_order=0
  in_shell asan-build 6000 build asan || return
  in_shell asan-unit 1800 run_ctest build/asan
  stage asan-simulation 3600 build/asan/bin/sim_test --seeds 300
  KONEKWA_BIN_DIR=$PWD/build/asan/bin KONEKWA_WAIT_S=60 stage asan-integration 1200 python3 tests/integration/run.py
}

stage_kill() {
  KONEKWA_KILLS=200 KONEKWA_INTEGRATION_LIMIT_S=1800 stage kill-loop 2000 python3 tests/integration/run.py kill
  KONEKWA_KILL_ROUNDS=50 KONEKWA_INTEROP_LIMIT_S=1800 stage kill-loop-interop 2000 node tests/interop/run.js kill
}

stage_fuzz() {
  in_shell fuzz-build 6000 build_fuzzers || return
  in_shell fuzz 3600 run_fuzz
}

stage_install() { stage install 10800 tests/install/run.sh; }

run_long() {
  stage_asan
  stage_build || return
  stage simulation-10000 14400 build/dev/bin/sim_test --seeds 10000
  stage_kill
  stage_fuzz
  stage_install
}

case ${1:-all} in
  all) run_all ;;
  fast) run_fast ;;
  long) run_long ;;
  *)
    for name in "$@"; do
      if ! declare -F "stage_$name" >/dev/null; then
        echo "tests/run.sh: no such stage: $name" >&2
        exit 2
      fi
      "stage_$name"
    done
    ;;
esac

echo "$passed passed, $failed failed"
((failed == 0))
