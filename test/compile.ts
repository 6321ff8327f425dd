import { execFileSync } from 'node:child_process';

/** Child processes that tests start (guardian, testbed, command line) run from dist/, so it is compiled once before any test. */
export default function compile(): void {
  execFileSync(process.execPath, ['scripts/prepare.mjs', '--code-only'], { stdio: 'inherit' });
}
