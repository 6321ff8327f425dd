#!/usr/bin/env bash
# Gets what the demo and the tests need and is not there yet. Safe to run again, and twice at once.
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

# Everything that is missing is said at once, not one thing a run.
missing=0
get_k6 || missing=1
alone "${XDG_CACHE_HOME:-$HOME/.cache}/squall/setup.lock" get_redis || missing=1
((missing == 0)) || die "something is missing: see above for how to get it, then run this again"
