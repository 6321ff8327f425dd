#!/usr/bin/env bash
# Types the commands that docs/own-system.md has, on three systems that squall did not write, each from an empty directory: at most 4 commands and 10
# minutes to a PASS or FAIL with a fault. The systems come from npm and Debian into a cache folder, and are no dependencies of squall.
#   bash scripts/own-system.sh [json-server] [unleash] [peer]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${SQUALL_OWN_SYSTEMS:-${XDG_CACHE_HOME:-$HOME/.cache}/squall/own-system}
work=$(mktemp -d "${TMPDIR:-/tmp}/squall-own-XXXXXX")
chmod 755 "$work"
started=()
cleanup() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  [ "${KEEP:-}" ] || rm -rf "$work"
}
trap cleanup EXIT

die() { echo "own-system: $*" >&2; exit 1; }

free_port() { node -e 'const s=require("net").createServer();s.listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

# name, package with its version
fetch() {
  [ -d "$cache/$1/node_modules" ] && return
  mkdir -p "$cache/$1"
  echo '{ "private": true }' > "$cache/$1/package.json"
  (cd "$cache/$1" && npm install --no-fund --no-audit --ignore-scripts --save-exact "$2") > "$work/$1.npm.log" 2>&1 ||
    die "npm could not install $2: $(tail -n 3 "$work/$1.npm.log")"
}

# URL, seconds
await() {
  local end=$((SECONDS + $2))
  until curl -sf -o /dev/null "$1"; do
    [ $SECONDS -lt $end ] || die "$1 did not answer in $2 s; see KEEP=1 and $work"
    sleep 0.2
  done
}

# --- the systems: each sets `init` (what is typed after `squall init`) ----------------------------------------------------------------

start_json_server() {
  fetch json-server json-server@0.17.4
  local port; port=$(free_port)
  mkdir -p "$work/json-server"
  echo '{ "posts": [{ "id": "1", "title": "a" }, { "id": "2", "title": "b" }] }' > "$work/json-server/db.json"
  (cd "$work/json-server" && exec node "$cache/json-server/node_modules/json-server/lib/cli/bin.js" db.json --port "$port" --host 127.0.0.1) \
    > "$work/json-server/log" 2>&1 &
  started+=($!)
  await "http://127.0.0.1:$port/posts" 60
  init="http://127.0.0.1:$port/posts"
}

# A feature-flag service on PostgreSQL, both under supervisord.
start_unleash() {
  fetch unleash unleash-server@7.5.1
  local initdb; initdb=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | tail -n 1)
  [ -n "$initdb" ] || die 'PostgreSQL is missing: apt-get install postgresql'
  command -v supervisord > /dev/null || die 'supervisord is missing: apt-get install supervisor'
  local port database; port=$(free_port); database=$(free_port)
  local dir="$work/unleash" user; user=$(id -un); [ "$user" != root ] || user=postgres
  mkdir -p "$dir/data"; chown "$user" "$dir/data"
  local as=(); [ "$user" = "$(id -un)" ] || as=(runuser -u "$user" --)
  "${as[@]}" "$initdb" -D "$dir/data" -A trust -U postgres > "$dir/initdb.log"
  cat > "$dir/supervisord.conf" <<CONF
[supervisord]
nodaemon=true
logfile=$dir/supervisord.log
pidfile=$dir/supervisord.pid
[program:postgres]
command=$(dirname "$initdb")/postgres -D $dir/data -p $database -h 127.0.0.1 -k $dir/data
user=$user
stopsignal=INT
priority=1
[program:unleash]
command=$(command -v node) $cache/unleash/node_modules/unleash-server/dist/server.js
environment=HTTP_HOST="127.0.0.1",HTTP_PORT="$port",DATABASE_HOST="127.0.0.1",DATABASE_PORT="$database",DATABASE_USERNAME="postgres",DATABASE_PASSWORD="x",DATABASE_NAME="postgres",DATABASE_SSL="false",CHECK_VERSION="false",SEND_TELEMETRY="false"
stdout_logfile=$dir/unleash.log
redirect_stderr=true
startretries=20
CONF
  supervisord -c "$dir/supervisord.conf" > /dev/null 2>&1 &
  started+=($!)
  await "http://127.0.0.1:$port/health" 180
  init="http://127.0.0.1:$port"
}

# A broker for WebRTC that greets each WebSocket. Its load is the script of docs/own-system.md.
start_peer() {
  fetch peer peer@1.0.2
  local port; port=$(free_port)
  mkdir -p "$work/peer"
  (cd "$work/peer" && exec node "$cache/peer/node_modules/peer/dist/bin/peerjs.js" --port "$port" --host 127.0.0.1) > "$work/peer/log" 2>&1 &
  started+=($!)
  await "http://127.0.0.1:$port/" 60
  # shellcheck disable=SC2016 # a code fence
  script=$(sed -n '/^```js$/,/^```$/p' "$root/docs/own-system.md" | sed '1d;$d' |
    sed "s#ws://127.0.0.1:9000/#ws://127.0.0.1:$port/peerjs?key=peerjs\&token=t\&id=#")
  init=ws.js
}

# --- a stranger --------------------------------------------------------------------------------------------------------------------------

# name
try() {
  local name=$1 dir="$work/try-$1" init='' script='' commands=0 from code=0
  echo "== $name"
  "start_${name//-/_}"
  mkdir "$dir"
  cd "$dir"
  [ -z "$script" ] || printf '%s\n' "$script" > ws.js
  local -a page next
  mapfile -t page < <(commands_of_page)
  [ "${#page[@]}" = 4 ] || die "docs/own-system.md has ${#page[@]} commands, not 4"
  from=$SECONDS
  type_line "${page[0]/path\/to\/squall-*.tgz/"$tarball"}"
  type_line "${page[1]/http:\/\/127.0.0.1:8080/"$init"}"
  # Its names are those of an example, and `init` prints the right ones.
  mapfile -t next < <(sed -n '/^Next:$/,$ s/^  //p' "$work/output")
  [ "${#next[@]}" = 2 ] || die "init printed no two commands"
  local at
  for at in 0 1; do
    # shellcheck disable=SC2053 # a pattern
    [[ ${next[at]} == ${page[at + 2]/shop-freeze/*} ]] || die "init printed ${next[at]}, and the page has ${page[at + 2]}"
    type_line "${next[at]}" || code=$?
  done
  local verdict; verdict=$(node -p 'JSON.parse(require("fs").readFileSync("reports/latest/verdict.json")).verdict')
  local faults
  # shellcheck disable=SC2016 # JavaScript
  faults=$(node -p 'JSON.parse(require("fs").readFileSync("reports/latest/verdict.json")).faults.map((f) => `${f.kind} ${f.component}, down ${f.downtimeMs} ms: ${f.result}`).join("; ")')
  echo "== $name: $verdict, $commands commands, $((SECONDS - from)) s; ${faults:-no fault}"
  [ "$code" -le 1 ] || die "$name: exit code $code"
  [ "$verdict" = PASS ] || [ "$verdict" = FAIL ] || die "$name: $verdict"
  [ -n "$faults" ] || die "$name: no fault"
  [ "$commands" -le 4 ] || die "$name: $commands commands"
  [ $((SECONDS - from)) -le 600 ] || die "$name: longer than 10 minutes"
  cd "$root"
}

# As a person would copy them: the first block of the page, without its comments.
commands_of_page() {
  awk '/^    / { sub(/^    /, ""); sub(/ *#.*/, ""); print; n = 1; next } n { exit }' "$root/docs/own-system.md"
}

type_line() {
  local -a words; read -r -a words <<< "$1"
  type "${words[@]}"
}

type() {
  commands=$((commands + 1))
  echo "\$ ${*/$tarball/squall.tgz}"
  local code=0
  "$@" < /dev/null > "$work/output" 2>&1 || code=$?
  tail -n "${LINES_SHOWN:-25}" "$work/output" | sed 's/^/  /'
  return $code
}

tarball=${SQUALL_TARBALL:-}
if [ -z "$tarball" ]; then
  (cd "$root" && npm pack --pack-destination "$work") > "$work/pack.log" 2>&1 || die "npm pack: $(tail -n 5 "$work/pack.log")"
  tarball=$(ls "$work"/squall-*.tgz)
fi
[ $# -gt 0 ] || set -- json-server unleash peer
for name in "$@"; do try "$name"; done
