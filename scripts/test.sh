#!/usr/bin/env bash
# Every check there is. The last line is "N passed, N failed, N skipped"; exit status 1 if any failed.
# --quick: only format, lint, types and unit tests, with a tenth of the tries of each property. About a minute, before each commit.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=scripts/lib/say.sh
. scripts/lib/say.sh
# shellcheck source=scripts/lib/checks.sh
. scripts/lib/checks.sh
# shellcheck source=scripts/lib/cluster.sh
. scripts/lib/cluster.sh
# shellcheck source=scripts/lib/metrics-server.sh
. scripts/lib/metrics-server.sh

quick=no
case ${1:-} in
  --quick) quick=yes ;;
  '') ;;
  *)
    printf 'usage: bash scripts/test.sh [--quick]\n' >&2
    exit 64
    ;;
esac

# yes: the unit tests run beside the faults on a cluster. Not tried often enough to be the rule.
unit_beside=${SQUALL_TEST_UNIT_BESIDE:-no}
limit_s=5000 # of the 90 minutes that a pipeline gives it at the most
testbeds_limit_s=2000

# Each run has its own temporary folder. Its name is also the mark by which processes that a test left behind are found.
run_dir=$(mktemp -d "${TMPDIR:-/tmp}/squall-test-XXXXXX") || exit 1
chmod 755 "$run_dir" # Postgres runs as another user below it
export TMPDIR=$run_dir SQUALL_TEST_RUN=$run_dir SQUALL_TESTBED_TEMPLATES=$run_dir CI=${CI:-true}
# What the register reads of the tests' own runs: with it, they also measure what is promised at a rate that a small machine has no room for.
# No pipeline waits for that.
if [[ -n ${SQUALL_TEST_REGISTER:-} ]]; then
  export SQUALL_TEST_KEEP_RUNS=$run_dir/runs
  limit_s=9000 testbeds_limit_s=4000
fi
clean_up() {
  [[ -z $beside_pid ]] || kill "$beside_pid" 2>/dev/null
  cluster_down
  [[ ! -d /proc/self ]] || node scripts/lib/left-behind.mjs "$run_dir" >/dev/null 2>&1
  rm -rf "$run_dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

seconds_left() { echo $((limit_s > SECONDS + 60 ? limit_s - SECONDS : 60)); }

nothing_left_behind() {
  node scripts/lib/left-behind.mjs "$run_dir" && echo 'no process'
}

# Where an exchange costs so much, two testbeds that restart their services take the processors from each other's load.
testbeds_at_once() {
  local micros script="const { exchangeCostMicros } = await import('./dist/orchestrator/tools/exchange-cost.js');
    console.log(Math.round(await exchangeCostMicros()))"
  micros=$(bounded 60 node --input-type=module --eval "$script") || return 0
  ((micros > 150)) || return 0
  printf '\na slow machine (%d us for a small exchange): one testbed at a time\n' "$micros"
  export SQUALL_TEST_TESTBEDS=1
}

summary() {
  printf '\n%d s in total\n' "$SECONDS"
  printf '%s' "$remarks"
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0 && passed > 0))
}

if [[ $quick == no || ! -d node_modules ]]; then
  check 'set-up' bash scripts/setup.sh
  # Otherwise each project would compile the same once more, for some seconds.
  ((failed > 0)) || export SQUALL_COMPILED=yes
  [[ -z ${SQUALL_TEST_REGISTER:-} || -z ${SQUALL_TEST_CLUSTER:-} ]] || check 'metrics-server' get_metrics_server
fi
check 'a project for each test file' node scripts/lib/test-projects.mjs
check 'format and lint' npx biome check --error-on-warnings .
check 'types' npx tsc --noEmit
check 'types inside k6' npx tsc --noEmit -p scenarios/tsconfig.json
check 'types inside the report' npx tsc --noEmit -p orchestrator/report/browser
if have shellcheck; then
  check 'shell scripts' shellcheck -x scripts/*.sh .ci/run
else
  skip 'shell scripts' 'shellcheck is missing (your system has a package of that name)'
fi
if [[ $quick == yes ]]; then
  export SQUALL_QUICK=1
  tests 'unit tests' 1200 unit
  skip 'register' 'the tests that measure are not run'
  summary
  exit
fi
tests 'drills on a tiny target' 1500 drills
testbeds_at_once
tests 'testbeds and streams' "$testbeds_limit_s" testbed
tests 'integration tests' "$(seconds_left)" integration
# The cluster's own tests come last, because an idle cluster would disturb the timing of the others. It comes up during the unit tests.
cluster_begin
# Unit tests compute, and no speed is judged by them; faults on a cluster wait for it most of the time. Its drills carry a load, and are alone.
if [[ $unit_beside == yes ]]; then begin_tests 1200 unit 8>&-; else tests 'unit tests' 1200 unit 8>&-; fi
cluster_up
tests 'faults on a cluster' "$(seconds_left)" kubernetes 8>&-
[[ $unit_beside == no ]] || finish_tests 'unit tests' unit
[[ -z ${SQUALL_TEST_REGISTER:-} ]] || metrics_api_up
tests 'drills on a cluster' "$(seconds_left)" kubernetes-drills 8>&-
metrics_api_down
cluster_down
# The drills that it needs beyond those of the other tests want a machine that is not busy.
if [[ -n ${SQUALL_TEST_REGISTER:-} ]]; then
  check 'register' node scripts/lib/register-of-tests.mjs "$SQUALL_TEST_KEEP_RUNS"
else
  skip 'register' 'SQUALL_TEST_REGISTER=yes measures all that it has'
fi
if [[ -d /proc/self ]]; then
  check 'nothing left behind' nothing_left_behind
else
  skip 'nothing left behind' 'this system has no /proc'
fi

summary
