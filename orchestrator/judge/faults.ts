import { iso, listed, many, readableMs } from '../objectives/number-text.ts';
import type { FaultResult, Outcome } from '../verdict.types.ts';
import { badText, type ExpectationRow, expectationsOf, nothingFailed } from './expectations.ts';
import { type FaultInput, type Impact, impactOf, watchedUntil } from './impact.ts';
import { MIN_TOLERANCE_MS } from './outages/impacts.ts';
import { excuseSilences } from './silence-by-machine.ts';
import { judgeUse } from './use.ts';

/** What one fault did to the users, and whether that was within what the drill expects. Pure. */
export function judgeFault(input: FaultInput): FaultResult {
  const { times, outages } = input;
  const { fault } = times;
  const impact = impactOf(input);
  const expectations = excuseSilences(input, expectationsOf(input, impact));
  const use = judgeUse(times, input.noticed, input.watchesUse);
  const problem = unprovenReason(input) ?? pointlessReason(input) ?? ownProblem(use.problem);
  const rows = expectations.map(({ row }) => row);
  const failed = rows.find((e) => e.result === 'FAIL');
  const unclear = rows.find((e) => e.result === 'INVALID');
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
    toleranceMs: round(requestToleranceMs(input)),
    failedRequests: input.failedRequests,
    ...(input.failedEvents ? { failedEvents: input.failedEvents } : {}),
    outages: outages.map((outage) => ({
      request: outage.request,
      from: iso(outage.from) as string,
      to: iso(outage.to),
      downtimeMs: round(Math.max(0, (outage.to ?? watchedUntil(input)) - outage.from)),
      flaps: outage.flaps,
      counts: impact.outages.includes(outage),
    })),
    expectations: rows,
    result,
    reason: reasonOf(input, impact, [problem?.text, failed && told(failed), unclear && told(unclear)]),
    ...(result === 'INVALID' && wasCutShort(input, problem, expectations) ? { notMeasured: true } : {}),
  };
}

/** The two ends of an outage may be seen by two runners. */
function requestToleranceMs({ toleranceMs, times }: FaultInput): number {
  return toleranceMs + 2 * (times.clockPlusMinusMs ?? 0);
}

function evidenceToleranceMs(plusMinusMs: number): number {
  return round(Math.max(MIN_TOLERANCE_MS, plusMinusMs));
}

/** Why it proves nothing; `isConsequence`: only because something had cut the run short. */
interface Problem {
  readonly text: string;
  readonly isConsequence: boolean;
}

function ownProblem(text: string | null): Problem | null {
  return text === null ? null : { text, isConsequence: false };
}

/** Is there nothing wrong with the fault but that the run was cut short? */
function wasCutShort(
  { cutAt = null, windowEnd }: FaultInput,
  problem: Problem | null,
  expectations: readonly ExpectationRow[],
): boolean {
  if (cutAt === null || problem?.isConsequence === false) return false;
  const unclear = expectations.filter(({ row }) => row.result === 'INVALID');
  if (unclear.some(({ cutShort }) => !cutShort)) return false;
  return problem !== null || windowEnd >= cutAt - CUT_SLACK_MS;
}

/** What ends with the load may be written down before the end of the load is. */
const CUT_SLACK_MS = 5_000;

function unprovenReason({ times, noticed, cutAt = null }: FaultInput): Problem | null {
  const { injectingAt, injectedAt, endedAt, unproven, unprovenAt, endUnproven, endUnprovenAt } = times;
  const after = (at: number | null) => cutAt !== null && (at === null || at >= cutAt - CUT_SLACK_MS);
  const because = (why: string | null) => (why ? `: ${why}` : '');
  if (injectedAt === null) {
    const text = injectingAt === null ? 'it was never injected' : 'nothing proves that it took effect';
    return { text: `${text}${because(unproven)}`, isConsequence: after(unprovenAt) };
  }
  if (endedAt === null) {
    // Squall itself takes a fault that lasts away, also after a stop: where nobody saw that, something is wrong.
    const isAwaited = endUnprovenAt === null || !('for' in times.fault);
    const text = `nothing proves that it ended${because(endUnproven)}`;
    return { text, isConsequence: isAwaited && after(endUnprovenAt) };
  }
  const early = (injectingAt ?? injectedAt) - injectedAt;
  if (early > EVIDENCE_SKEW_MS) {
    return ownProblem(
      `what was seen is ${readableMs(early)} older than its injection, and proves nothing about it`,
    );
  }
  // Also where the drill expects that nobody notices: then there is nothing at all beside the service's word.
  if (times.unwitnessed !== null && noticed.length === 0)
    return ownProblem(`${times.unwitnessed}, and no request noticed the fault`);
  return null;
}

/** Evidence may be by the clock of a cluster, in whole seconds. */
const EVIDENCE_SKEW_MS = 5_000;

/** Proven, and yet not known what it does to the users: no load was there, or it was not watched to its end, or it was over too soon. */
function pointlessReason(input: FaultInput): Problem | null {
  const { times, requests, keptUntil, outages, cutAt = null } = input;
  const { fault, injectedAt, revertingAt, endedAt } = times;
  const withTheRun = (text: string) => ({ text, isConsequence: cutAt !== null });
  if (requests === 0) return withTheRun('no request was due: what it did to the users is not known');
  if (outages.some((outage) => outage.unanswered)) {
    return withTheRun(
      'requests were still waiting for an answer when the load was over: k6 tells nothing of them, and no objective counts them',
    );
  }
  if (keptUntil !== null) {
    return ownProblem(
      `single requests were kept only until ${iso(keptUntil)}: what failed after that is not known (a shorter run, or a lower rate)`,
    );
  }
  const hidden = hiddenReason(input);
  if (hidden !== null) return ownProblem(hidden);
  if (!('for' in fault) || injectedAt === null || revertingAt === null) return null;
  if (endedAt !== null && endedAt < Math.min(revertingAt - EVIDENCE_SKEW_MS, injectedAt + fault.for)) {
    return ownProblem(
      `it ended by itself after ${readableMs(Math.max(0, endedAt - injectedAt))} of ${readableMs(fault.for)}`,
    );
  }
  const lasted = revertingAt - injectedAt;
  if (lasted >= fault.for - TIMER_SLACK_MS) return null;
  return withTheRun(
    `it was taken out after ${readableMs(Math.max(0, lasted))} of ${readableMs(fault.for)}: the load was over, or the run was stopped`,
  );
}

/** Where its effect may be, and nothing that is counted would show it. */
function hiddenReason({ times, noticed, outages, threwUnseen, unheard }: FaultInput): string | null {
  if (threwUnseen > 0) {
    return `${many(threwUnseen, 'iteration')} threw an error while it was in, of which no request tells: what users saw is not known (let the script count it in a Rate, and list that under \`events\`)`;
  }
  if (unheard.length === 0 || noticed.length > 0 || outages.length > 0 || times.fault.expect.unnoticed)
    return null;
  return `no request noticed it, and the scenario ${listed(unheard)} makes none: what its users saw is not known (list one of its metrics under \`events\`)`;
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
    return `down for ${readableMs(downtimeMs)} (± ${readableMs(requestToleranceMs(input))}), ${badText(input)}`;
  }
  return nothingFailed(input) ? 'no request failed' : `${badText(input)}, no outage`;
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
