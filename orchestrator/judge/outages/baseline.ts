import type { FailureKind, RequestLog } from './event-log.ts';
import { lowerBound } from './sorted.ts';
import type { Window } from './troubles.ts';

/** How a request failed: by its status, or by k6's error code when there was no answer. */
export function failureKind({ status, error_code }: Readonly<Record<string, string>>): string {
  if (status !== undefined && status !== '0') return `HTTP ${status}`;
  return error_code === undefined ? 'no answer' : `error ${error_code}`;
}

/**
 * The log without the failures that its own steady phase explains: an endpoint that answers 404 by design, or that fails once in
 * twenty, does so during a fault as well, and no fault did it.
 *
 * A way to fail that the steady phase has not seen is never explained. One that it has seen, with a share p0 of the requests, is
 * explained as long as it does not become more frequent. That is decided by log likelihood ratios of p1 = (1 + p0) / 2 to p0, summed
 * over stretches of requests: at the share p0 each ratio has the expectation 1, so that no stretch that begins at a given request
 * reaches exp(h) with a probability above exp(-h), and none of n stretches above n exp(-h). With h = ln(n / FALSE_ALARM) the failures
 * of a stretch that reaches it are the fault's. Of a share of 5 %, that takes some seven in a row, or a third of fifty.
 *
 * Where most requests of a name failed in the same way before the fault, that is its answer: it counts as one.
 */
export function withoutUsualFailures(log: RequestLog, steady: Window): RequestLog {
  const seen = log.kinds.filter(({ at }) => countIn(at, steady) > 0);
  if (seen.length === 0) return log;
  const requests = countIn(log.goodEnd, steady) + countIn(log.bad, steady);
  const kinds: FailureKind[] = [];
  const answers: Float64Array[] = [];
  for (const kind of log.kinds) {
    const before = countIn(kind.at, steady);
    if (before === 0) {
      kinds.push(kind);
      continue;
    }
    const own = before / requests >= USUAL_ANSWER;
    const more = moreThanBefore(log, kind, steady.to, upperShare(before, requests), seen.length);
    kinds.push({ kind: kind.kind, at: more });
    if (own) answers.push(difference(kind.at, more));
  }
  return { ...withAnswers(log, answers), kinds, bad: merged(kinds.map(({ at }) => at)) };
}

/** How often the longest-looking chance is taken for a fault's doing, over a whole run. */
const FALSE_ALARM = 0.001;
const USUAL_ANSWER = 0.5;
/** More of a way to fail that was (nearly) the only answer cannot be seen. */
const ALWAYS = 0.95;

/** A share that is larger than the true one 19 times in 20 (Agresti and Coull, one-sided). */
export function upperShare(count: number, of: number): number {
  const z = 1.645;
  const n = of + z * z;
  const middle = (count + (z * z) / 2) / n;
  return Math.min(1, middle + z * Math.sqrt((middle * (1 - middle)) / n));
}

/** The failures of this kind that come, from `from` on, in stretches where it is more frequent than `share`. */
function moreThanBefore(
  log: RequestLog,
  { at }: FailureKind,
  from: number,
  share: number,
  kinds: number,
): Float64Array {
  if (share >= ALWAYS) return new Float64Array(0);
  const first = lowerBound(at, from);
  const others = merged([log.goodEnd, ...log.kinds.filter((one) => one.at !== at).map((one) => one.at)]);
  const firstOther = lowerBound(others, from);
  const n = at.length - first + others.length - firstOther;
  const alarm = Math.log((n * kinds) / FALSE_ALARM);
  const p1 = (1 + share) / 2;
  const hit = Math.log(p1 / share);
  const miss = Math.log((1 - p1) / (1 - share));
  const found: number[] = [];
  let sum = 0;
  let best = 0;
  let begin = first;
  let bestEnd = first;
  let other = firstOther;

  function close(): void {
    if (best >= alarm) for (let k = begin; k < bestEnd; k++) found.push(at[k] as number);
    sum = 0;
    best = 0;
  }

  for (let i = first; i < at.length; i++) {
    const next = lowerBound(others, at[i] as number);
    sum += (next - other) * miss;
    other = next;
    if (sum <= 0 || best - sum >= alarm) close();
    if (sum === 0) begin = i;
    sum += hit;
    if (sum > best) {
      best = sum;
      bestEnd = i + 1;
    }
  }
  close();
  return Float64Array.from(found);
}

function withAnswers(log: RequestLog, answers: readonly Float64Array[]): RequestLog {
  const added = merged(answers);
  if (added.length === 0) return log;
  const both = [
    ...Array.from(log.goodEnd, (end, i) => [end, log.goodStart[i] as number] as const),
    ...Array.from(added, (at) => [at, at] as const),
  ].sort((a, b) => a[0] - b[0]);
  return {
    ...log,
    goodEnd: Float64Array.from(both, ([end]) => end),
    goodStart: Float64Array.from(both, ([, start]) => start),
  };
}

export function countIn(sorted: Float64Array, { from, to }: Window): number {
  return Math.max(0, lowerBound(sorted, to) - lowerBound(sorted, from));
}

function merged(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all.sort();
}

/** What is in `all` and not in `some`, both sorted, `some` a part of it. */
function difference(all: Float64Array, some: Float64Array): Float64Array {
  let skipped = 0;
  return all.filter((value) => {
    if (some[skipped] !== value) return true;
    skipped += 1;
    return false;
  });
}
