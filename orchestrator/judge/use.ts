import { faultKinds } from '../../chaos/faults/index.ts';
import { readableMs } from '../objectives/number-text.ts';
import type { UseSeen } from '../verdict.types.ts';
import type { FaultTimes } from './fault-times.ts';

export interface UseJudgement {
  /** Sentences for the evidence of the fault. */
  readonly evidence: readonly string[];
  /** Why nothing shows that the fault could hurt anybody; null: something does, or it was not to be checked. */
  readonly problem: string | null;
}

/**
 * The second leg of evidence: the fault was in, but was anything there that it could have hurt? It was when requests noticed the fault,
 * or when its targets were in use before it went in, or (faults that leave them serving) while it was in. `isWatched`: false for journals
 * of a squall that did not look yet.
 */
export function judgeUse(times: FaultTimes, noticed: readonly string[], isWatched: boolean): UseJudgement {
  const { fault, injectedAt } = times;
  // That its target was in use is no evidence of a fault that never went in.
  if (injectedAt === null) return { evidence: [], problem: null };
  const seen = times.use.flatMap((one) => one.seen);
  if (noticed.length > 0) return { evidence: [...seen, ...noticed.slice(0, SHOWN)], problem: null };
  if (!isWatched) return { evidence: seen, problem: null };
  const used = times.use.find((one) => showsUse(one, fault.kind));
  if (used !== undefined) {
    const when = used.when === 'steady' ? 'before it' : 'while it was in';
    return {
      evidence: [...seen, `${fault.component} was in use ${when}; no request noticed the fault`],
      problem: null,
    };
  }
  const steady = times.use.find(({ when }) => when === 'steady');
  if (steady?.inUse === false) {
    return {
      evidence: seen,
      problem: `nothing used ${fault.component} in the ${readableMs(steady.forMs)} before`,
    };
  }
  if (fault.expect.unnoticed) return { evidence: seen, problem: null };
  const why = steady === undefined ? 'nobody looked' : steady.seen.join(', ');
  return {
    evidence: seen,
    problem: `whether anything used ${fault.component} could not be measured (${why}), and no request noticed the fault`,
  };
}

/**
 * Whether this shows that the load used what a fault of this kind hit. A fault that cuts clients off makes them connect again, whoever
 * they are: what comes while it is in is no use by the load, which would notice it.
 */
export function showsUse({ when, inUse }: Pick<UseSeen, 'when' | 'inUse'>, kind: string): boolean {
  return inUse === true && (when === 'steady' || !cutsOff(kind));
}

function cutsOff(kind: string): boolean {
  const { takesAway, cutsOff } = faultKinds[kind as keyof typeof faultKinds] ?? {};
  return takesAway === true || cutsOff === true;
}

/** Of the names that noticed it. */
const SHOWN = 5;
