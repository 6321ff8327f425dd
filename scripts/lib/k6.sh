# shellcheck shell=bash
# Gets a k6 if there is none. The only place that names the version.

K6_VERSION=1.8.1
K6_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/squall/k6

get_k6() {
  # Somebody chose $K6_BIN by hand, and has to correct it by hand.
  if [[ -z ${K6_BIN:-} ]] && ! find_k6 >/dev/null 2>&1; then
    alone "$K6_CACHE/setup.lock" fill_k6_cache >&2 || return
  fi
  find_k6
}

# Prints what was found, or where it was looked for. The rules are the orchestrator's own.
find_k6() {
  node --input-type=module -e '
    import { findK6 } from "./dist/orchestrator/tools/find-k6.js";
    const k6 = await findK6();
    for (const note of k6.notes ?? []) console.error(`setup: ${note}`);
    if (k6.path === null) console.error(k6.message);
    else console.log(`k6 ${k6.version}, from ${k6.source}`);
    process.exit(k6.path === null ? 1 : 0);'
}

# Runs alone, in a subshell. Asking for the result switches `set -e` off, so each step says what happens if it fails.
fill_k6_cache() {
  if find_k6 >/dev/null 2>&1; then return; fi # another set-up was faster
  local temp
  rm -rf "$K6_CACHE"/.new-* # of a set-up that was killed
  temp=$(mktemp -d "$K6_CACHE/.new-XXXXXX") || die "cannot write to $K6_CACHE"
  # shellcheck disable=SC2064 # the folder's name is known now
  trap "chmod -R u+w '$temp'; rm -rf '$temp'" EXIT
  k6_release "$temp" || k6_build "$temp" || die "k6 $K6_VERSION could be neither downloaded nor built; the reasons are above"
  "$temp/k6" version | grep -qF "v$K6_VERSION " || die "what was downloaded or built is not k6 $K6_VERSION: $("$temp/k6" version)"
  mkdir "$temp/done" && mv "$temp/k6" "$temp/done/k6" || die "cannot write to $K6_CACHE"
  rm -rf "${K6_CACHE:?}/$K6_VERSION" # whatever is there is no usable k6
  mv "$temp/done" "$K6_CACHE/$K6_VERSION" || die "cannot write to $K6_CACHE"
}

# The official release, verified with the checksums published with it.
k6_release() {
  local temp=$1 name base archive expected folder
  name=$(k6_release_name) || { warn "no official k6 release for $(uname -sm)"; return 1; }
  have curl || { warn "k6's release is not downloaded: curl is missing"; return 1; }
  base=https://github.com/grafana/k6/releases/download/v$K6_VERSION
  archive=$temp/$name
  say "downloading k6 $K6_VERSION ($name)"
  fetch 60 "$base/k6-v$K6_VERSION-checksums.txt" "$temp/checksums.txt" && fetch 300 "$base/$name" "$archive" ||
    { warn "the official release of k6 cannot be reached"; return 1; }
  expected=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$temp/checksums.txt")
  [[ -n $expected && $expected == "$(sha256 "$archive")" ]] ||
    { warn "the checksum of $name is not the published one; the download is not used"; return 1; }
  folder=${name%.zip}
  folder=${folder%.tar.gz}
  unpack "$archive" "$temp" && mv "$temp/$folder/k6" "$temp/k6"
}

k6_release_name() {
  local arch
  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) return 1 ;;
  esac
  case $(uname -s) in
    Linux) echo "k6-v$K6_VERSION-linux-$arch.tar.gz" ;;
    Darwin) echo "k6-v$K6_VERSION-macos-$arch.zip" ;;
    *) return 1 ;;
  esac
}

fetch() { curl --fail --silent --show-error --location --proto '=https' --connect-timeout 5 --max-time "$1" --output "$3" "$2"; }

sha256() { if have sha256sum; then sha256sum "$1"; else shasum -a 256 "$1"; fi | awk '{ print $1 }'; }

unpack() { case $1 in *.zip) unzip -q "$1" -d "$2" ;; *) tar -xzf "$1" -C "$2" ;; esac; }

# With Go, from the module proxy. If `go install` cannot look the module up by name, a module that requires it can.
k6_build() {
  local temp=$1 module=go.k6.io/k6
  have go || { warn "k6 is not built: Go is missing (https://go.dev/dl/, or your system's packages)"; return 1; }
  [[ $K6_VERSION == 1.* ]] || module=$module/v${K6_VERSION%%.*}
  say "building k6 $K6_VERSION with Go; this takes about three minutes on two cores, once"
  mkdir -p "$temp/module"
  (
    cd "$temp/module"
    export CGO_ENABLED=0 GOBIN=$temp GOWORK=off
    bounded 1200 go install -trimpath -ldflags='-s -w' "$module@v$K6_VERSION" && exit
    printf 'module squall-k6\n\nrequire %s v%s\n' "$module" "$K6_VERSION" >go.mod
    printf 'package main\n\nimport "%s/cmd"\n\nfunc main() { cmd.Execute() }\n' "$module" >main.go
    bounded 300 go mod tidy && bounded 1200 go build -trimpath -ldflags='-s -w' -o "$temp/k6" .
  ) || { warn "Go could not build k6; is a Go module proxy reachable (go env GOPROXY)?"; return 1; }
}
