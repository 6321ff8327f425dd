# shellcheck shell=bash
# Chromium, in which the tests open the report and the live page. squall itself needs none, so this never fails a set-up.

get_chromium() {
  if ! have chromium && [[ $(id -u) == 0 ]] && have apt-get; then
    (apt_install chromium) >&2 || warn 'apt-get could not install it; what it said is above'
  fi
  if have chromium; then say "$(chromium --version 2>/dev/null | cut -d' ' -f1,2)"; else say 'no Chromium: its tests are skipped'; fi
}
