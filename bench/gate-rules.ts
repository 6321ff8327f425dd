import type { Comparison } from '../orchestrator/gate/decision/comparison.ts';
import { decideAll } from '../orchestrator/gate/decision/decide.ts';
import { measured } from '../orchestrator/gate/decision/measure.ts';
import type { Session } from './gate-noise.ts';

export const FAMILY_ALPHA = 0.02;
const smallest = { ratio: 0.05, absoluteMs: 0 };

/** squall's answers about p50, p95, p99 and errors of a session, as one family. */
export function squallRule(session: Session): Comparison[] {
  const durations = { baseline: session.baseline, candidate: session.candidate };
  const failed = { baseline: session.baselineFailed, candidate: session.candidateFailed };
  return decideAll(
    [
      ...[50, 95, 99].map((percentile) => ({
        unit: 'slot' as const,
        sides: durations,
        criteria: { measure: { percentile }, alpha: FAMILY_ALPHA / 2, smallest },
      })),
      {
        unit: 'slot' as const,
        sides: failed,
        criteria: { measure: 'errors' as const, alpha: FAMILY_ALPHA / 2, smallest },
      },
    ],
    FAMILY_ALPHA,
  );
}

/** What many pipelines do: regressed when the p95 of all requests is more than 5 % higher. */
export function ratioRule({ baseline, candidate }: Session): boolean {
  const p95 = (slots: readonly (readonly number[])[]) => measured(slots.flat(), { percentile: 95 });
  return p95(candidate) > 1.05 * p95(baseline);
}

/** Mann and Whitney's test of all requests as if they were independent; regressed when p < 0.05 and the candidate is slower. */
export function mannWhitneyRule({ baseline, candidate }: Session): boolean {
  const [a, b] = [baseline, candidate].map((slots) => Float64Array.from(slots.flat()).sort()) as [
    Float64Array,
    Float64Array,
  ];
  const z =
    (wins(a, b) - (a.length * b.length) / 2) /
    Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
  // Two-sided at 5 %; ties make the test a little more careful than it had to be.
  return z > 1.96;
}

/** In how many pairs of a request of each the second one is slower; the same counts half. Both are sorted. */
function wins(a: Float64Array, b: Float64Array): number {
  let [below, upTo, sum] = [0, 0, 0];
  for (const value of b) {
    while (below < a.length && (a[below] as number) < value) below += 1;
    while (upTo < a.length && (a[upTo] as number) <= value) upTo += 1;
    sum += (below + upTo) / 2;
  }
  return sum;
}
