# shellcheck shell=bash
# HAProxy, the testbed's load balancer: no npm package carries it. The testbed has one of its own where there is none, so this
# never fails a set-up.

get_haproxy() {
  if ! haproxy_path >/dev/null && [[ $(id -u) == 0 ]] && have apt-get; then
    (apt_install haproxy) >&2 || warn 'apt-get could not install it; what it said is above'
  fi
  local found
  if found=$(haproxy_path); then
    say "$("$found" -v | awk 'NR == 1 { sub("-.*", "", $3); print "HAProxy " $3 }')"
  else
    haproxy_hint
  fi
}

# Debian puts it into /usr/sbin, which is not on the PATH of every user.
haproxy_path() { PATH=$PATH:/usr/sbin:/usr/local/sbin command -v haproxy; }

haproxy_hint() {
  local how
  case $(uname -s) in
    Darwin) how='brew install haproxy' ;;
    *)
      if have apt-get; then how='sudo apt-get install haproxy'
      elif have dnf; then how='sudo dnf install haproxy'
      elif have apk; then how='sudo apk add haproxy'
      elif have pacman; then how='sudo pacman -S haproxy'
      else how='the package haproxy of your system'
      fi
      ;;
  esac
  say "no HAProxy; a slower one in Node does ($how)"
}
