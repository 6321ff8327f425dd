#!/usr/bin/env bash
# The long series: every test that counts its tries with test/trials.ts or SQUALL_FULL, with the full counts. Takes hours on a small
# machine; file names as arguments select some. Tests that need a cluster run if KUBECONFIG names one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t files < <(git grep -lE 'SQUALL_FULL|/trials\.ts' -- '*.test.ts')
(($# == 0)) || files=("$@")
SQUALL_FULL=1 exec npx vitest run "${files[@]}"
