import { k6Runner } from './k6/runner.ts';
import type { LoadRunner } from './runner.ts';

/** Every load runner there is. The first is the one that a drill gets. */
export const loadRunners: readonly [LoadRunner, ...LoadRunner[]] = [k6Runner];

/** @throws Error for a name that is none of them */
export function runnerNamed(name: string): LoadRunner {
  const runner = loadRunners.find((one) => one.name === name);
  if (runner === undefined) throw new Error(`no load runner named ${name}`);
  return runner;
}
