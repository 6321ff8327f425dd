import { logsOf, measured } from '../orchestrator/gate/decision/measure.ts';
import { hodgesLehmann } from '../orchestrator/statistics/hodges-lehmann.ts';
import { mean } from '../orchestrator/statistics/student-t.ts';
import type { Session } from './gate-noise.ts';

/** Logarithms of candidate over baseline. */
export interface Estimates {
  /** Of the p95 of the pairs of slots: what the gate estimates. */
  readonly pairs: number;
  /** Of the p95 of all requests. */
  readonly all: number;
  /** Of the faster half of all requests: only a rule that knows that everything moves together may look there for the p95. */
  readonly half: number;
}

export function estimatesOf({ baseline, candidate }: Session): Estimates {
  const p95 = (slot: readonly number[]) => Math.log(measured(slot, { percentile: 95 }));
  const logs = logsOf([...baseline, ...candidate], { percentile: 95 });
  const differences = baseline.map((_, i) => (logs[baseline.length + i] as number) - (logs[i] as number));
  const [a, b] = [baseline.flat(), candidate.flat()];
  return {
    pairs: hodgesLehmann(differences, ALPHA).estimate,
    all: p95(b) - p95(a),
    half: fasterHalf(b) - fasterHalf(a),
  };
}

/**
 * How often an estimate finds a difference when it is known exactly how far it scatters on this noise, so that no test has to find that out:
 * the limit of what a test of this estimate can do.
 * @param estimates of sessions in which nothing had changed; a factor on everything adds its logarithm to each
 * @param smallest the logarithm from which on a difference matters
 */
export function shareFound(
  estimates: readonly number[],
  { added, smallest }: { readonly added: number; readonly smallest: number },
): number {
  // Both sides are the same, so that the mirror image is as likely.
  const scatter = [...estimates, ...estimates.map((one) => -one)].sort((x, y) => y - x);
  const critical = scatter[Math.max(0, Math.ceil(ALPHA * scatter.length) - 1)] as number;
  return estimates.filter((one) => one + added > Math.max(critical, smallest)).length / estimates.length;
}

/** What the first of four questions has, of the family's 2 %. */
const ALPHA = 0.005;

function fasterHalf(durations: readonly number[]): number {
  const sorted = Float64Array.from(durations).sort();
  return mean(Array.from(sorted.subarray(sorted.length * 0.05, sorted.length >> 1), Math.log));
}
