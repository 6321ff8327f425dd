import type { Comparison } from '../orchestrator/gate/decision/comparison.ts';
import { decideAll } from '../orchestrator/gate/decision/decide.ts';
import { measured } from '../orchestrator/gate/decision/measure.ts';
import { midRanks } from '../orchestrator/statistics/ranks.ts';
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
  const [a, b] = [baseline.flat(), candidate.flat()];
  const n = a.length + b.length;
  const ranks = midRanks([...a, ...b]);
  let sum = 0;
  for (let i = a.length; i < n; i++) sum += ranks[i] as number;
  const u = sum - (b.length * (b.length + 1)) / 2;
  const z = (u - (a.length * b.length) / 2) / Math.sqrt((a.length * b.length * (n + 1)) / 12);
  // Two-sided at 5 %; ties make the test a little more careful than it had to be.
  return z > 1.96;
}
