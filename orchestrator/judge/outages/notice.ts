import { readableMs } from '../../objectives/number-text.ts';
import { countIn } from './baseline.ts';
import { DROPPED, type RequestLog } from './event-log.ts';
import { lowerBound } from './sorted.ts';
import type { Window } from './troubles.ts';

/**
 * What tells that the load noticed a fault. Each rule compares with the steady phase of the same request name, because a machine that
 * is busy, or an endpoint that fails now and then, must not count as the effect of a fault that hit nothing.
 */
export const NOTICE_RULES = {
  /** Failures: so unlikely, over all names and ways to fail, has to be as many by chance. */
  chance: 0.01,
  /** Times are compared in blocks of a second, or longer ones where a name has fewer than this many answers in a second. */
  answersPerBlock: 10,
  /** So many blocks of the steady phase have to be known ... */
  steadyBlocks: 5,
  /** ... and so many of those in the fault, and half of them, have to be slow or empty: a single pause of the machine does not count. */
  faultBlocks: 2,
  /** A block is slow when a quarter of its answers take longer than so many times the slowest block of the steady phase ... */
  slowFactor: 2,
  /** ... and by this much. */
  slowMs: 5,
  /** A block is thin when it has less than this share of the answers of the thinnest one of the steady phase. */
  thinShare: 0.5,
  /** Nobody is answered for so long, and for so many times the longest gap of the steady phase. */
  silentMs: 1000,
  silentFactor: 4,
} as const;

/** Sentences about how these requests noticed it; none when they did not. `tests`: how many kinds of failures are compared in all. */
export function noticedBy(log: RequestLog, steady: Window, fault: Window, tests: number): string[] {
  return [...moreFailures(log, steady, fault, tests), ...longerTimes(log, steady, fault)];
}

function moreFailures(log: RequestLog, steady: Window, fault: Window, tests: number): string[] {
  const before = countIn(log.goodEnd, steady) + countIn(log.bad, steady);
  const now = countIn(log.goodEnd, fault) + countIn(log.bad, fault);
  const all = { kind: '', at: log.bad };
  const more = [all, ...log.kinds].find(({ at }) => {
    const chance = chanceOf(countIn(at, fault), now, (countIn(at, steady) + 1) / (before + 1));
    return chance < NOTICE_RULES.chance / tests;
  });
  if (more === undefined) return [];
  const [nowMore, beforeMore] = [countIn(more.at, fault), countIn(more.at, steady)];
  if (log.kinds.every(({ kind }) => kind === DROPPED)) {
    return [`${nowMore} ${log.name} while it was in, ${beforeMore} before`];
  }
  const kind = more.kind === '' ? '' : ` (${more.kind})`;
  return [
    `${nowMore} of ${now} ${log.name} failed${kind} while it was in, ${beforeMore} of ${before} before`,
  ];
}

/** Failures of all names together: a load may ask for something else each time. */
export interface FailureCounts {
  before: number;
  failedBefore: number;
  now: number;
  failedNow: number;
}

export function noFailures(): FailureCounts {
  return { before: 0, failedBefore: 0, now: 0, failedNow: 0 };
}

export function addFailures(
  counts: FailureCounts,
  { goodEnd, bad }: RequestLog,
  steady: Window,
  fault: Window,
): void {
  counts.failedBefore += countIn(bad, steady);
  counts.before += countIn(bad, steady) + countIn(goodEnd, steady);
  counts.failedNow += countIn(bad, fault);
  counts.now += countIn(bad, fault) + countIn(goodEnd, fault);
}

export function noticedByAll(
  { before, failedBefore, now, failedNow }: FailureCounts,
  tests: number,
): string[] {
  if (
    before === 0 ||
    chanceOf(failedNow, now, (failedBefore + 1) / (before + 1)) >= NOTICE_RULES.chance / tests
  )
    return [];
  return [`${failedNow} of ${now} requests failed while it was in, ${failedBefore} of ${before} before`];
}

/** How likely `count` or more of `of` are by chance, at the most, when each is one with this probability (Chernoff's bound). */
export function chanceOf(count: number, of: number, probability: number): number {
  const share = count / of;
  if (count === 0 || share <= probability) return 1;
  const rest = share === 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - probability));
  return Math.exp(-of * (share * Math.log(share / probability) + rest));
}

function longerTimes(log: RequestLog, steady: Window, fault: Window): string[] {
  const first = lowerBound(log.goodEnd, steady.from);
  const last = lowerBound(log.goodEnd, steady.to) - 1;
  if (last <= first) return [];
  const begin = log.goodEnd[first] as number;
  const meanGapMs = ((log.goodEnd[last] as number) - begin) / (last - first);
  const blockMs = Math.max(1000, NOTICE_RULES.answersPerBlock * meanGapMs);
  const before = blocksOf(log, { from: begin, to: steady.to }, blockMs);
  const now = blocksOf(log, fault, blockMs);
  if (before.length < NOTICE_RULES.steadyBlocks) return [];
  const slowest = Math.max(...before.map(({ upperMs }) => upperMs));
  const thinnest = Math.min(...before.map(({ answers }) => answers));
  const limitMs = Math.max(NOTICE_RULES.slowFactor * slowest, slowest + NOTICE_RULES.slowMs);
  const slow = now.filter(({ upperMs }) => upperMs > limitMs);
  if (isMuch(slow.length, now.length)) {
    const typical = slow.map(({ upperMs }) => upperMs).sort((a, b) => a - b)[slow.length >> 1] as number;
    return [
      `a quarter of ${log.name} took ${readableMs(typical)} or longer while it was in, ${readableMs(slowest)} at the most before`,
    ];
  }
  // A load that thins out by itself, at its end say, does not come back afterwards.
  const thin = now.filter(({ answers }) => answers < NOTICE_RULES.thinShare * thinnest).length;
  const after = blocksOf(log, { from: fault.to, to: fault.to + blockMs * 5 }, blockMs);
  if (isMuch(thin, now.length) && after.some(({ answers }) => answers >= thinnest)) {
    return [`less than half as many answers of ${log.name} came while it was in as before and after`];
  }
  return [];
}

function isMuch(blocks: number, of: number): boolean {
  return blocks >= NOTICE_RULES.faultBlocks && 2 * blocks >= of;
}

interface Block {
  readonly answers: number;
  /** Three quarters of its answers took no longer; 0 without any. */
  readonly upperMs: number;
}

/** Whole blocks only. */
function blocksOf(log: RequestLog, { from, to }: Window, blockMs: number): Block[] {
  const blocks: Block[] = [];
  for (let at = from; at + blockMs <= to && blocks.length < MAX_BLOCKS; at += blockMs) {
    const first = lowerBound(log.goodEnd, at);
    const end = lowerBound(log.goodEnd, at + blockMs);
    const durations = log.goodEnd
      .slice(first, end)
      .map((value, i) => value - (log.goodStart[first + i] as number));
    durations.sort();
    blocks.push({ answers: end - first, upperMs: durations[Math.floor(durations.length * 0.75)] ?? 0 });
  }
  return blocks;
}

/** An hour of seconds. */
const MAX_BLOCKS = 3600;
