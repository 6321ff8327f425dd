# shellcheck shell=bash
# What every script here needs. Sourced, never run.

say() { printf 'setup: %s\n' "$*"; }
warn() { printf 'setup: %s\n' "$*" >&2; }
die() {
  warn "$@"
  exit 69
}
have() { command -v "$1" >/dev/null 2>&1; }

# bounded SECONDS COMMAND...: ends the command after that long. Without timeout(1), as on a bare macOS, it runs unbounded.
# In the foreground, so that Ctrl-C reaches the command too.
bounded() {
  local seconds=$1
  shift
  if have timeout; then timeout --foreground --kill-after=10 "$seconds" "$@"; else "$@"; fi
}

# alone LOCK FUNCTION...: runs the function while no other set-up holds the lock, in a subshell.
alone() {
  local lock=$1
  shift
  mkdir -p "$(dirname "$lock")"
  if have flock; then
    (
      flock -n 9 || { say "another set-up is running, waiting for it"; flock -w 1500 9; } || die "gave up waiting for the set-up that holds $lock"
      "$@" 9>&-
    ) 9>"$lock"
  else
    alone_by_directory "$lock.d" "$@"
  fi
}

# Without flock(1): a directory, which is created atomically, with the pid of its owner in it.
alone_by_directory() {
  local lock=$1 tries=0 owner
  shift
  until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || true)
    if [[ -n $owner ]] && ! kill -0 "$owner" 2>/dev/null; then
      die "$lock was left by a set-up that is gone (pid $owner): remove it with rm -r '$lock' and run this again"
    fi
    ((tries++ > 0)) || say "another set-up is running, waiting for it"
    ((tries < 1500)) || die "gave up waiting for the set-up that holds $lock"
    sleep 1
  done
  (
    trap 'rm -rf "$lock"' EXIT
    echo "$BASHPID" >"$lock/pid"
    "$@"
  )
}
