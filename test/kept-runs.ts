import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Verdict } from '../orchestrator/verdict.types.ts';

/**
 * What `squall register` reads of the tests' runs, in the folder that SQUALL_TEST_KEEP_RUNS names; without it nothing is kept. Only runs that
 * measure what ships against the testbed, and that were as expected: what a switch has broken on purpose is no measurement. A green run
 * may have missed objectives of speed, of which a busy machine decides: the register shows them as missed.
 * scripts/lib/register-of-tests.mjs reads the folder.
 */
const folder = process.env.SQUALL_TEST_KEEP_RUNS;
export const KEEPS_RUNS = Boolean(folder);

/**
 * The verdict of a drill's run. On a slow machine a test runs one at a lower rate (`--var RATE=300`), which the register takes for a trial.
 * Like what the tests run in short, it is taken as measured here.
 */
export function keepVerdict(drill: string, run: string): void {
  if (!folder) return;
  const { vars: _, ...verdict } = JSON.parse(readFileSync(path.join(run, 'verdict.json'), 'utf8')) as Verdict;
  writeFileSync(path.join(made(drill), 'verdict.json'), JSON.stringify(verdict));
}

/** The summary of a scenario's run, as it stood in SUMMARY_JSON. */
export function keepSummary(scenario: string, summary: string): void {
  if (folder) writeFileSync(path.join(made(scenario), 'summary.json'), summary);
}

/** Measurements (as the register names them, or how their names begin) that this machine cannot make, with the reason. */
export function cannotMeasure(measurements: readonly string[], reason: string): void {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, NOT_HERE), measurements.map((one) => `${one}\t${reason}\n`).join(''));
}

const NOT_HERE = 'not-here.tsv';

/** Each run has a folder of its own: tests run side by side, and several run the same drill. */
function made(name: string): string {
  mkdirSync(String(folder), { recursive: true });
  return mkdtempSync(path.join(String(folder), `${name}-`));
}
