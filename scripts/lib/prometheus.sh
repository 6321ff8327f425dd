# shellcheck shell=bash
# Prometheus and promtool, which the tests hold the exported rules and the error budgets against. squall itself needs neither, so this
# never fails a set-up.

get_prometheus() {
  if ! (have prometheus && have promtool) && [[ $(id -u) == 0 ]] && have apt-get; then
    (apt_install prometheus) >&2 || warn 'apt-get could not install it; what it said is above'
  fi
  if have promtool; then say "$(promtool --version 2>&1 | awk 'NR == 1 { sub("[+,].*", "", $3); print "promtool " $3 }')"
  else say 'no Prometheus: its tests are skipped'; fi
}
