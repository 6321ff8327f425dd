# shellcheck shell=bash
# supervisord, which the tests ask for the process of a program. squall itself needs none, so this never fails a set-up.

get_supervisor() {
  if ! have supervisord && [[ $(id -u) == 0 ]] && have apt-get; then
    (apt_install supervisor) >&2 || warn 'apt-get could not install it; what it said is above'
  fi
  if have supervisord; then say "supervisord $(supervisord --version)"; else say 'no supervisord: its test is skipped'; fi
}
