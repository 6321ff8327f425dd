# shellcheck shell=bash
# What every script here needs. Sourced, never run.

say() { printf '%s\n' "$*"; }
warn() { printf 'setup: %s\n' "$*" >&2; }
die() {
  warn "$@"
  exit 69
}
have() { command -v "$1" >/dev/null 2>&1; }

# steps: from now on, `step` prints to where standard output leads now, and what steps say goes to a file of its own.
steps() {
  exec 3>&1
  step_log=$(mktemp "${TMPDIR:-/tmp}/squall-setup-XXXXXX") || die 'cannot write to the temporary folder'
}

# step LABEL COMMAND...: one line with the time that the command took. If the command prints to standard output, the last line of that
# takes the place of the label. All else goes to the log, whose end is shown when the command fails. Returns its status.
step() {
  local label=$1 began=${EPOCHREALTIME:-$SECONDS} status=0 said
  shift
  [[ ! -t 3 ]] || printf '  … %s' "$label" >&3
  printf '\n== %s\n' "$label" >>"$step_log"
  said=$("$@" </dev/null 2>>"$step_log") || status=$?
  [[ ! -t 3 ]] || printf '\r\033[K' >&3
  if ((status == 0)); then
    said=${said##*$'\n'}
    printf '  ✔ %s  %s\n' "$(padded "${said:-$label}" 60)" "$(seconds_since "$began")" >&3
  else
    printf '  ✘ %s  %s\n' "$(padded "$label" 60)" "$(seconds_since "$began")" >&3
    # What it said itself.
    awk '/^== / { text = ""; next } { text = text $0 "\n" } END { printf "%s", text }' "$step_log" | tail -n 15 | sed 's/^/      /' >&3
    printf '    All of it: %s\n' "$step_log" >&3
    step_log_is_wanted=yes
  fi
  return "$status"
}

# printf counts bytes where the locale is C.
padded() {
  local text=$1
  while ((${#text} < $2)); do text+=' '; done
  printf '%s' "$text"
}

# With tenths where the shell knows them (bash 5).
seconds_since() {
  if [[ $1 == *[.,]* ]]; then
    awk -v from="${1/,/.}" -v to="${EPOCHREALTIME/,/.}" 'BEGIN { printf "%6.1f s", to - from }'
  else
    printf '%4d s' $((SECONDS - $1))
  fi
}

steps_end() { [[ ${step_log_is_wanted:-no} == yes ]] || rm -f "$step_log"; }

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
