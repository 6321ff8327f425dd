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
  local name=$1 seconds=$2 project=$3 began=$SECONDS status=0 result=ok lines
  heading "$name"
  bounded "$seconds" npx vitest run --project "$project" --reporter=default \
    --reporter=json --outputFile.json="$run_dir/$project.json" </dev/null || status=$?
  case $status in 124 | 137) printf 'ended after %s s, which was all the time left\n' "$seconds" ;; esac
  lines=$(node scripts/lib/count-tests.mjs "$run_dir/$project.json" "$status" "$project") || lines="0 1 0"$'\n'"failed: $name, not counted"
  read -r p f s <<<"$lines"
  [[ $lines != *$'\n'* ]] || remarks+=${lines#*$'\n'}$'\n'
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  ((f == 0)) || result=FAILED
  verdict "$result, $p passed, $f failed, $s skipped" "$name" "$began"
}

heading() { printf '\n== %s\n' "$1"; }

verdict() { printf '== %s: %s (%d s)\n' "$2" "$1" $((SECONDS - $3)); }
