import { k6Runner } from './k6/runner.ts';
import { k6OperatorRunner } from './k6-operator/runner.ts';
import type { LoadRunner } from './runner.ts';

/** All load runners. A drill gets the first one, unless its environment names another. */
export const loadRunners: readonly [LoadRunner, ...LoadRunner[]] = [k6Runner, k6OperatorRunner];

/** @throws Error if there is no such runner */
export function runnerNamed(name: string): LoadRunner {
  const runner = loadRunners.find((one) => one.name === name);
  if (runner === undefined) throw new Error(`no load runner named ${name}`);
  return runner;
}
