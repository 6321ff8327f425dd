# shellcheck shell=bash
# Prometheus, promtool and the Pushgateway, which the tests hold exported rules, metrics and error budgets against, and node_exporter, which
# tells them of the machine. squall itself needs none of them, so this never fails a set-up.

get_prometheus() {
  if ! (have prometheus && have promtool && have prometheus-pushgateway && have prometheus-node-exporter) &&
    [[ $(id -u) == 0 ]] && have apt-get; then
    (apt_install prometheus prometheus-pushgateway prometheus-node-exporter) >&2 || warn 'apt-get could not install it; what it said is above'
  fi
  if have promtool; then say "$(promtool --version 2>&1 | awk 'NR == 1 { sub("[+,].*", "", $3); print "promtool " $3 }')"
  else say 'no Prometheus: its tests are skipped'; fi
}
