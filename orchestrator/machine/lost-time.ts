import type { Stall, StallCause } from './reading.ts';

/**
 * What the stalls of the machine that generates the load can have done to what was measured. Times are epoch milliseconds.
 *
 * **What is lost.** A stall says that of its time a share was lost to the generator: all of it while k6 was stopped, or while nothing ran;
 * less of it while k6 was ready to run and waited now and then. Where stalls overlap the worst of them counts: they are several accounts
 * of the same time.
 *
 * **What a stall adds to a request.** While it is under way, at most what is lost in that time: a request waits for one thing at a
 * time. Many short stalls in one request's life add up, and nothing outside of it counts.
 *
 * **What it adds to requests that begin later.** What was due during a stall of length L comes when it is over, and queues. Let both the
 * generator and the target work at a utilisation of at most u. Each is behind by u·L then, and makes up for it at a rate of 1 - u. For
 * u = 1/2, which leaves room for a target that has to survive a fault: a request that begins x after the stall waits for (L - x) / 2 in
 * each of the two, so for L - x at most, and at x = L nothing is left. With only a share d of the time lost, being behind grows by
 * d - (1 - d) = 2d - 1 a second. So a machine that loses less than half of the time catches up as it goes, and being behind is
 *
 *     B(t) = max(0, the sum of (2d - 1) dt)        and a request from s to e was lengthened by at most        B(s) + lost(s, e).
 */
export interface LostTime {
  /** What the machine can have added to something that took from `from` to `to`, at most. */
  addedAtMostMs(from: number, to: number): number;
  /** Is what was due during a stall still being made up for? Iterations that are dropped now are dropped because of it. */
  isBehind(time: number): boolean;
  /** When more than half of the time was lost, and how much was lost then. In order; neighbours are one. */
  readonly standstills: readonly Standstill[];
  lostMs(from: number, to: number): number;
  /** The same, in standstills only. */
  stoodStillMs(from: number, to: number): number;
}

export interface Standstill {
  readonly from: number;
  readonly to: number;
  readonly lostMs: number;
  /** What most of it was due to. */
  readonly cause: StallCause;
}

/** Stretches of constant share between two times. */
interface Segment {
  readonly from: number;
  readonly to: number;
  /** Of the time, 0 to 1. */
  readonly share: number;
  readonly cause: StallCause;
  /** Sums up to `from`. */
  readonly lost: number;
  readonly still: number;
  readonly behind: number;
}

/** @param stalls in any order; they may overlap */
export function lostTimeOf(stalls: readonly Stall[]): LostTime {
  const segments = segmentsOf(stalls);
  const last = segments.at(-1);
  const end = last === undefined ? null : after(last);

  /** The segment that the time is in, or the last one before it; null before the first. */
  function segmentAt(time: number): Segment | null {
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((segments[middle] as Segment).from <= time) low = middle + 1;
      else high = middle;
    }
    return segments[low - 1] ?? null;
  }

  function sumsAt(time: number): Pick<Segment, 'lost' | 'still' | 'behind'> {
    const segment = segmentAt(time);
    if (segment === null) return NOTHING;
    if (time < segment.to) return within(segment, time - segment.from);
    const { lost, still, behind } = end ?? NOTHING;
    return { lost, still, behind: Math.max(0, behind - (time - segment.to)) };
  }

  return {
    addedAtMostMs(from, to) {
      const begun = sumsAt(from);
      return begun.behind + sumsAt(to).lost - begun.lost;
    },
    isBehind(time) {
      const segment = segmentAt(time);
      return sumsAt(time).behind > 0 || (segment !== null && time < segment.to && segment.share > HALF);
    },
    lostMs: (from, to) => sumsAt(to).lost - sumsAt(from).lost,
    standstills: standstillsOf(segments),
    stoodStillMs: (from, to) => sumsAt(to).still - sumsAt(from).still,
  };
}

const NOTHING = { lost: 0, still: 0, behind: 0 };
const HALF = 0.5;

/** One segment follows the other; where there was no stall the share is 0. */
function segmentsOf(stalls: readonly Stall[]): Segment[] {
  const known = stalls.filter(({ from, to }) => to > from);
  const edges = known
    .flatMap((stall) => [
      { at: stall.from, stall, begins: true },
      { at: stall.to, stall, begins: false },
    ])
    .sort((a, b) => a.at - b.at);
  const open = new Set<Stall>();
  const segments: Segment[] = [];
  let sums = NOTHING;
  for (const [i, { at, stall, begins }] of edges.entries()) {
    if (begins) open.add(stall);
    else open.delete(stall);
    const to = edges[i + 1]?.at ?? at;
    if (to <= at) continue;
    const worst = worstOf(open);
    const segment = { from: at, to, ...worst, ...sums };
    segments.push(segment);
    sums = after(segment);
  }
  return segments;
}

function worstOf(open: ReadonlySet<Stall>): Pick<Segment, 'share' | 'cause'> {
  let worst: Pick<Segment, 'share' | 'cause'> = { share: 0, cause: 'late' };
  for (const { from, to, lostMs, cause } of open) {
    const share = Math.min(1, lostMs / (to - from));
    // That k6 was stopped explains more than that it was not seen to run.
    if (share > worst.share || (share === worst.share && cause === 'stopped')) worst = { share, cause };
  }
  return worst;
}

function within({ share, lost, still, behind }: Segment, ms: number) {
  return {
    lost: lost + share * ms,
    still: still + (share > HALF ? share * ms : 0),
    behind: Math.max(0, behind + (2 * share - 1) * ms),
  };
}

function after(segment: Segment) {
  return within(segment, segment.to - segment.from);
}

/** Looks are 20 ms apart: what comes so soon after the last belongs to it. */
const NEIGHBOURS_MS = 50;

function standstillsOf(segments: readonly Segment[]): Standstill[] {
  const found: (Standstill & { readonly byCause: Map<StallCause, number> })[] = [];
  for (const { from, to, share, cause } of segments) {
    if (share <= HALF) continue;
    const lostMs = share * (to - from);
    const before = found.at(-1);
    const joins = before !== undefined && from - before.to <= NEIGHBOURS_MS;
    const byCause = joins ? before.byCause : new Map<StallCause, number>();
    byCause.set(cause, (byCause.get(cause) ?? 0) + lostMs);
    const most = [...byCause].sort((a, b) => b[1] - a[1])[0]?.[0] ?? cause;
    if (joins) found[found.length - 1] = { ...before, to, lostMs: before.lostMs + lostMs, cause: most };
    else found.push({ from, to, lostMs, cause: most, byCause });
  }
  return found.map(({ byCause: _, ...standstill }) => standstill);
}
