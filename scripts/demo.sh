#!/usr/bin/env bash
# Sets up what is missing, measures which rate this machine can carry, starts the local testbed, runs the drill chaos/drills/spike.yaml
# against it, prints the verdict and where the report is, and leaves nothing running. RATE=1000 insists on a rate. The exit status is the
# drill's; 2, as for a run that proves nothing, when this machine cannot carry any.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=scripts/lib/say.sh
. scripts/lib/say.sh

limit_s=900
squall=(node dist/scripts/squall.js)
log=$(mktemp) || exit 1
drill_pid='' testbed_was_up=no cleaned=no

# Each step is idempotent and bounded. After a drill that ended well there is nothing left to do.
clean_up() {
  [[ $cleaned == no ]] || return
  cleaned=yes
  trap '' INT TERM HUP
  if [[ -n $drill_pid ]]; then
    tidy recover
    [[ $testbed_was_up == yes ]] || tidy testbed down
  fi
  rm -f "$log"
}

tidy() {
  bounded 120 "${squall[@]}" "$@" </dev/null >"$log" 2>&1 && return
  printf 'demo: squall %s failed:\n' "$*" >&2
  cat "$log" >&2
}

# An interrupted drill undoes its faults and writes a report (INVALID), so pass the signal on and wait.
# shellcheck disable=SC2317 # called by the traps
interrupted() {
  if [[ -n $drill_pid ]]; then kill -s "$1" "$drill_pid" 2>/dev/null; else exit 130; fi
}

trap clean_up EXIT
trap 'interrupted INT' INT
trap 'interrupted TERM' TERM HUP

rate=${RATE:-}
if [[ -n $rate && ! $rate =~ ^[1-9][0-9]{0,5}$ ]]; then
  printf 'demo: RATE=%s: write a number of requests a second\n' "$rate" >&2
  exit 64
fi

echo 'Set-up'
bash scripts/setup.sh || exit

if bounded 30 "${squall[@]}" testbed status </dev/null >/dev/null 2>&1; then
  testbed_was_up=yes
  echo 'demo: the testbed is already up; it will be used, and stays up'
fi

# What the machine can carry is measured before anything of ours runs.
echo
echo 'This machine'
if [[ -n $rate ]]; then
  why="$rate requests a second, because RATE says so"
elif measured=$(bounded 30 node dist/scripts/demo-rate.js </dev/null) && [[ $measured == *$'\n'* ]]; then
  rate=${measured%%$'\n'*}
  why=${measured#*$'\n'}
else
  rate=250
  why='it could not be measured: 250 requests a second'
fi
printf '  %s\n' "$why" | fold -s -w 78 | sed '2,$s/^/  /'
if [[ $rate == none ]]; then
  cat <<'TEXT'
  The drill would measure this machine, not the testbed, so it is not run.
  End what else runs here and try again. Or insist:
      RATE=250 bash scripts/demo.sh
TEXT
  exit 2
fi

echo
echo 'The drill'
# share PERCENT: as many of them a second as PERCENT of 1000 is, at any lower rate, so that there are enough to tell something of.
share() { echo "$((rate >= 1000 ? $1 : rate <= 100 ? $1 * 10 : ($1 * 1000 + rate - 1) / rate))%"; }
drill=("${squall[@]}" drill chaos/drills/spike.yaml --env local --var "RATE=$rate" --var "READ_SHARE=$(share 3)" --var "WRITE_SHARE=$(share 2)"
  --var "SESSION_SHARE=$(share 2)" --note "The rate of the demo: $why")

# In a process group of its own (set -m), so that Ctrl-C reaches it once, through this script.
set -m
if have timeout; then
  timeout --foreground --kill-after=120 "$limit_s" "${drill[@]}" </dev/null &
else
  "${drill[@]}" </dev/null &
fi
drill_pid=$!
set +m

# A signal ends a `wait` early; then go on waiting for the drill itself.
status=0
wait "$drill_pid" || status=$?
while kill -0 "$drill_pid" 2>/dev/null; do
  status=0
  wait "$drill_pid" || status=$?
done

((status != 124)) || printf 'demo: the drill was ended after %d s\n' "$limit_s" >&2
clean_up
if [[ -e reports/latest/report.html ]]; then
  cat <<'TEXT'

What to try next
  reports/latest/report.html            the report: open it in a browser
  npx squall report latest              judge the recorded run again
  RATE=500 bash scripts/demo.sh         the same at another rate
  chaos/drills/spike.yaml               what was run; to run it again:
                                        npx squall drill chaos/drills/spike.yaml
  docs/drills.md, docs/environments.md  a drill for a system of your own
TEXT
fi
exit "$status"
