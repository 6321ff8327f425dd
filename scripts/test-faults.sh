#!/usr/bin/env bash
# The long series: every test that counts its tries by test/trials.ts or SQUALL_FULL, with the full counts. Hours on a small machine;
# names of files as arguments take some of them. What needs a cluster runs where KUBECONFIG names one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t files < <(git grep -lE 'SQUALL_FULL|/trials\.ts' -- '*.test.ts')
(($# == 0)) || files=("$@")
SQUALL_FULL=1 exec npx vitest run "${files[@]}"
