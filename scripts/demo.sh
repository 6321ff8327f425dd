#!/usr/bin/env bash
# Sets up what is missing, starts the local testbed, runs the drill chaos/drills/spike.yaml against it, prints the verdict and
# where the report is, and leaves nothing running. The exit status is the drill's.
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

bash scripts/setup.sh || exit

if bounded 30 "${squall[@]}" testbed status </dev/null >/dev/null 2>&1; then
  testbed_was_up=yes
  echo 'demo: the testbed is already up; it will be used, and stays up'
fi

# In a process group of its own (set -m), so that Ctrl-C reaches it once, through this script.
set -m
if have timeout; then
  timeout --foreground --kill-after=120 "$limit_s" "${squall[@]}" drill chaos/drills/spike.yaml --env local </dev/null &
else
  "${squall[@]}" drill chaos/drills/spike.yaml --env local </dev/null &
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
exit "$status"
