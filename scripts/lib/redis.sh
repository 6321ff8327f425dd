# shellcheck shell=bash
# redis-server and redis-sentinel: no npm package carries them.

get_redis() {
  if ! redis_is_there && [[ $(id -u) == 0 ]] && have apt-get; then
    say "installing redis-server and redis-sentinel with apt-get"
    (apt_install redis-server redis-sentinel) || warn "apt-get could not install them; what it said is above"
  fi
  redis_is_there || { redis_hint >&2; return 1; }
  say "$(redis-server --version | awk '{ print "redis " $3 }') and redis-sentinel: $(command -v redis-server)"
}

redis_is_there() { have redis-server && have redis-sentinel; }

# Debian's packages start a server on port 6379 as soon as they are installed. A policy file that answers 101 is the documented
# way to prevent that. If there is one already, it is somebody's decision and stays.
apt_install() {
  local policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f '"$policy" EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
  fi
  export DEBIAN_FRONTEND=noninteractive
  local options=(-y -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=1 -o Acquire::http::Timeout=20)
  bounded 300 apt-get "${options[@]}" update </dev/null &&
    bounded 600 apt-get "${options[@]}" install --no-install-recommends "$@" </dev/null
}

redis_hint() {
  printf 'setup: redis-server or redis-sentinel is missing. How to get both:\n'
  case $(uname -s) in
    Darwin) printf '  brew install redis\n' ;;
    Linux)
      if have apt-get; then printf '  sudo apt-get install redis-server redis-sentinel\n'
      elif have dnf; then printf '  sudo dnf install redis\n'
      elif have apk; then printf '  sudo apk add redis\n'
      elif have pacman; then printf '  sudo pacman -S redis\n'
      else printf '  the package redis of your system, or https://redis.io/docs/latest/operate/oss_and_stack/install/\n'
      fi
      ;;
    *) printf '  https://redis.io/docs/latest/operate/oss_and_stack/install/\n' ;;
  esac
}
