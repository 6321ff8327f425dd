# shellcheck shell=bash
# Runs checks and counts them. A check that fails never keeps the next one from running.

passed=0 failed=0 skipped=0
remarks= # what the end of the log repeats: each failure, and each test that passed only when tried again

# check NAME COMMAND...: one check, passed when the command exits with 0.
check() {
  local name=$1 began=$SECONDS
  shift
  heading "$name"
  if "$@" </dev/null; then
    passed=$((passed + 1))
    verdict ok "$name" "$began"
  else
    failed=$((failed + 1))
    remarks+="failed: $name"$'\n'
    verdict FAILED "$name" "$began"
  fi
}

# skip NAME REASON
skip() {
  heading "$1"
  skipped=$((skipped + 1))
  printf 'skipped: %s\n' "$2"
}

# tests NAME SECONDS PROJECT: runs a vitest project and counts each test. It is ended after that many seconds.
tests() {
  local name=$1 seconds=$2 project=$3 began=$SECONDS status=0
  heading "$name"
  run_project "$seconds" "$project" || status=$?
  count_project "$name" "$project" "$status" "$began"
}

beside_pid='' beside_began=0 # of the project that runs in the background

# begin_tests SECONDS PROJECT: the same in the background, with what the machine has left beside the next ones. One at a time.
begin_tests() {
  beside_began=$SECONDS
  (renice -n 19 -p "$BASHPID" >/dev/null && run_project "$1" "$2") >"$run_dir/$2.log" 2>&1 &
  beside_pid=$!
}

# finish_tests NAME PROJECT: waits for what begin_tests has started, shows what it printed, and counts.
finish_tests() {
  local status=0
  wait "$beside_pid" || status=$?
  beside_pid=
  heading "$1"
  cat "$run_dir/$2.log"
  count_project "$1" "$2" "$status" "$beside_began"
}

# run_project SECONDS PROJECT
run_project() {
  local status=0
  bounded "$1" npx vitest run --project "$2" --reporter=default \
    --reporter=json --outputFile.json="$run_dir/$2.json" </dev/null || status=$?
  case $status in 124 | 137) printf 'ended after %s s, which was all the time left\n' "$1" ;; esac
  return "$status"
}

# count_project NAME PROJECT STATUS BEGAN
count_project() {
  local name=$1 project=$2 status=$3 began=$4 result=ok lines p f s
  lines=$(node scripts/lib/count-tests.mjs "$run_dir/$project.json" "$status" "$project") || lines="0 1 0"$'\n'"failed: $name, not counted"
  read -r p f s <<<"$lines"
  [[ $lines != *$'\n'* ]] || remarks+=${lines#*$'\n'}$'\n'
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  ((f == 0)) || result=FAILED
  verdict "$result, $p passed, $f failed, $s skipped" "$name" "$began"
}

heading() { printf '\n== %s\n' "$1"; }

verdict() { printf '== %s: %s (%d s)\n' "$2" "$1" $((SECONDS - $3)); }
