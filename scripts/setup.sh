#!/usr/bin/env bash
# Gets what the demo and the tests need and do not have yet. Safe to run again, and twice at the same time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
. scripts/lib/say.sh
# shellcheck source=scripts/lib/node.sh
. scripts/lib/node.sh
# shellcheck source=scripts/lib/k6.sh
. scripts/lib/k6.sh
# shellcheck source=scripts/lib/redis.sh
. scripts/lib/redis.sh

need_node
alone .squall/setup.lock install_packages

# Report everything that is missing at once, not one thing per run.
missing=0
get_k6 || missing=1
alone "${XDG_CACHE_HOME:-$HOME/.cache}/squall/setup.lock" get_redis || missing=1
((missing == 0)) || die "something is missing: see above for how to get it, then run this again"
