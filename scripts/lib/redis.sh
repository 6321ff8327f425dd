# shellcheck shell=bash
# redis-server and redis-sentinel: no npm package carries them.

get_redis() {
  if ! redis_is_there && [[ $(id -u) == 0 ]] && have apt-get; then
    (apt_install redis-server redis-sentinel) >&2 || warn "apt-get could not install them; what it said is above"
  fi
  redis_is_there || { redis_hint >&2; return 1; }
  say "$(redis-server --version | awk '{ sub("v=", "", $3); print "redis " $3 }')"
}

redis_is_there() { have redis-server && have redis-sentinel; }

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
