import { iso, readableMs } from '../objectives/number-text.ts';
import type { FaultResult, Outcome } from '../verdict.types.ts';
import { expectationsOf } from './expectations.ts';
import type { FaultTimes } from './fault-times.ts';
import { type FaultInput, type Impact, impactOf, watchedUntil } from './impact.ts';
import { MIN_TOLERANCE_MS } from './outages/impacts.ts';
import { judgeUse } from './use.ts';

/** What one fault did to the users, and whether that was within what the drill expects. Pure. */
export function judgeFault(input: FaultInput): FaultResult {
  const { times, outages } = input;
  const { fault } = times;
  const impact = impactOf(input);
  const expectations = expectationsOf(input, impact);
  const use = judgeUse(times, input.noticed, input.watchesUse);
  const problem = unprovenReason(times) ?? pointlessReason(input) ?? use.problem;
  const failed = expectations.find((e) => e.result === 'FAIL');
  const unclear = expectations.find((e) => e.result === 'INVALID');
  const result: Outcome = failed ? 'FAIL' : problem !== null || unclear ? 'INVALID' : 'PASS';
  return {
    name: fault.name,
    kind: fault.kind,
    component: fault.component,
    targets: times.targets,
    evidence: [...times.seenIn, ...use.evidence, ...times.seenOut],
    legs: { in: times.seenIn, use: times.use, out: times.seenOut },
    noticed: input.noticed,
    unnoticed: fault.expect.unnoticed ?? false,
    injectedAt: iso(times.injectedAt),
    removedAt: iso(times.endedAt),
    firstBadAt: iso(impact.firstBadAt),
    detectedAt: iso(impact.detectedAt),
    recoveredAt: iso(impact.recoveredAt),
    detectedAfterMs: rounded(impact.detectedAfterMs),
    recoveredAfterMs: rounded(impact.recoveredAfterMs),
    downtimeMs: rounded(impact.downtimeMs),
    injectedToleranceMs: evidenceToleranceMs(times.injectedPlusMinusMs),
    removedToleranceMs: evidenceToleranceMs(times.endedPlusMinusMs),
    toleranceMs: round(input.toleranceMs),
    failedRequests: input.failedRequests,
    outages: outages.map((outage) => ({
      request: outage.request,
      from: iso(outage.from) as string,
      to: iso(outage.to),
      downtimeMs: round(Math.max(0, (outage.to ?? watchedUntil(input)) - outage.from)),
      flaps: outage.flaps,
      counts: impact.outages.includes(outage),
    })),
    expectations,
    result,
    reason: reasonOf(input, impact, [problem, failed && told(failed), unclear && told(unclear)]),
  };
}

function evidenceToleranceMs(plusMinusMs: number): number {
  return round(Math.max(MIN_TOLERANCE_MS, plusMinusMs));
}

function unprovenReason(times: FaultTimes): string | null {
  if (times.injectedAt === null) {
    if (times.injectingAt === null) return 'it was never injected';
    return `nothing proves that it took effect${times.unproven ? `: ${times.unproven}` : ''}`;
  }
  if (times.endedAt === null) {
    return `nothing proves that it ended${times.endUnproven ? `: ${times.endUnproven}` : ''}`;
  }
  const early = (times.injectingAt ?? times.injectedAt) - times.injectedAt;
  if (early > EVIDENCE_SKEW_MS) {
    return `what was seen is ${readableMs(early)} older than its injection, and proves nothing about it`;
  }
  return null;
}

/** Evidence may be by the clock of a cluster, in whole seconds. */
const EVIDENCE_SKEW_MS = 5_000;

/** Proven, and yet not known what it does to the users: no load was there, or it was not watched to its end, or it was over too soon. */
function pointlessReason({ times, requests, keptUntil, outages }: FaultInput): string | null {
  const { fault, injectedAt, revertingAt, endedAt } = times;
  if (requests === 0) return 'no request was due: what it did to the users is not known';
  if (outages.some((outage) => outage.unanswered)) {
    return 'requests were still waiting for an answer when the load was over: k6 tells nothing of them, and no objective counts them';
  }
  if (keptUntil !== null) {
    return `single requests were kept only until ${iso(keptUntil)}: what failed after that is not known (a shorter run, or a lower rate)`;
  }
  if (!('for' in fault) || injectedAt === null || revertingAt === null) return null;
  if (endedAt !== null && endedAt < Math.min(revertingAt - EVIDENCE_SKEW_MS, injectedAt + fault.for)) {
    return `it ended by itself after ${readableMs(Math.max(0, endedAt - injectedAt))} of ${readableMs(fault.for)}`;
  }
  const lasted = revertingAt - injectedAt;
  if (lasted >= fault.for - TIMER_SLACK_MS) return null;
  return `it was taken out after ${readableMs(Math.max(0, lasted))} of ${readableMs(fault.for)}: the load was over, or the run was stopped`;
}

/** Timers may fire a little early. */
const TIMER_SLACK_MS = 50;

function reasonOf(
  input: FaultInput,
  { outages, downtimeMs }: Impact,
  problems: readonly (string | null | undefined)[],
): string {
  const texts = problems.filter((p) => typeof p === 'string');
  if (texts.length > 0) return texts.join('; ');
  if (outages.length > 0 && downtimeMs !== null) {
    return `down for ${readableMs(downtimeMs)} (± ${readableMs(input.toleranceMs)}), ${input.failedRequests} bad requests`;
  }
  return input.failedRequests === 0 ? 'no request failed' : `${input.failedRequests} bad requests, no outage`;
}

function told({ name, target, measured }: FaultResult['expectations'][number]): string {
  return `${name} ${target}: ${measured}`;
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : round(ms);
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
