import { execFileSync } from 'node:child_process';

/**
 * Child processes that tests start (guardian, testbed, command line) run from dist/, so it is compiled once before any test. The test
 * command has done so (SQUALL_COMPILED) before the first of its projects.
 */
export default function compile(): void {
  if (process.env.SQUALL_COMPILED) return;
  execFileSync(process.execPath, ['scripts/prepare.mjs', '--code-only'], { stdio: 'inherit' });
}
