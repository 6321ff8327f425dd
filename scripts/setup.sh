#!/usr/bin/env bash
# Gets what the demo and the tests need and do not have yet: a line for each step. What the steps say is in a log, which is shown when one
# fails. Safe to run again, and twice at the same time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
. scripts/lib/say.sh
# shellcheck source=scripts/lib/node.sh
. scripts/lib/node.sh
# shellcheck source=scripts/lib/k6.sh
. scripts/lib/k6.sh
# shellcheck source=scripts/lib/apt.sh
. scripts/lib/apt.sh
# shellcheck source=scripts/lib/redis.sh
. scripts/lib/redis.sh
# shellcheck source=scripts/lib/haproxy.sh
. scripts/lib/haproxy.sh
# shellcheck source=scripts/lib/supervisor.sh
. scripts/lib/supervisor.sh
# shellcheck source=scripts/lib/prometheus.sh
. scripts/lib/prometheus.sh
# shellcheck source=scripts/lib/chromium.sh
. scripts/lib/chromium.sh

need_node
steps
trap steps_end EXIT
step 'npm packages' alone .squall/setup.lock install_packages || die 'the packages are missing: see above'
step 'squall, compiled' alone .squall/setup.lock compile || die 'nothing runs without it: see above'

# Report everything that is missing at once, not one thing per run.
missing=0
packages_lock=${XDG_CACHE_HOME:-$HOME/.cache}/squall/setup.lock
step 'k6' get_k6 || missing=1
step 'redis-server and redis-sentinel' alone "$packages_lock" get_redis || missing=1
# The testbed can do without.
step 'HAProxy' alone "$packages_lock" get_haproxy
# Only asked by tests, which are skipped without it.
if [[ -n ${SQUALL_TEST_RUN:-} ]]; then
  step 'supervisor' alone "$packages_lock" get_supervisor
  step 'Prometheus' alone "$packages_lock" get_prometheus
  step 'Chromium' alone "$packages_lock" get_chromium
fi
((missing == 0)) || die 'something is missing: see above for how to get it, then run this again'
