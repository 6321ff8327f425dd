# shellcheck shell=bash
# Packages of Debian and its like, for what no npm package carries.

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
