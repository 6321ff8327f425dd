import type { LiveSecond } from '../../samples/types.ts';
import type { LivePoint } from './message.ts';

/** The lines of the live charts: one point for each second, and for several seconds in long runs. */
export interface Points {
  /** What one load saw in these seconds; a later call corrects an earlier one. */
  add(load: number, seconds: readonly LiveSecond[], revision: number): void;
  /** Epoch seconds at which the first point begins; null before there is one. */
  readonly first: number | null;
  /** Seconds that one point stands for. */
  readonly step: number;
  /** Those that changed after `revision`. */
  since(revision: number): readonly LivePoint[];
  /** Whoever was told something before this revision has to be told everything again. */
  readonly voidBefore: number;
}

/** A message has at most so many points. */
const MAX_POINTS = 3_600;
/** A day. Of a longer run the newest part is shown. */
const MAX_SECONDS = 86_400;
const HOUR = 3_600;

export function createPoints(): Points {
  let seconds: Slot[] = [];
  let first: number | null = null;
  let step = 1;
  let voidBefore = 0;

  function slotOf(second: number, revision: number): Slot | null {
    first ??= second;
    // A gap that long is a clock that was set.
    if (second < first || second - first > seconds.length + HOUR) return null;
    // Seconds of which nothing was told: nothing came back in them.
    while (seconds.length <= second - first) seconds.push({ loads: [], revision });
    return seconds[second - first] as Slot;
  }

  function makeRoom(revision: number): void {
    if (seconds.length > MAX_SECONDS) {
      seconds = seconds.slice(HOUR);
      first = (first as number) + HOUR;
      voidBefore = revision;
    }
    const wanted = Math.max(1, Math.ceil(seconds.length / MAX_POINTS));
    if (wanted === step) return;
    step = wanted;
    voidBefore = revision;
  }

  return {
    add(load, told, revision) {
      for (const one of told) {
        const slot = slotOf(one.second, revision);
        if (slot === null || isSame(slot.loads[load], one)) continue;
        slot.loads[load] = one;
        slot.revision = revision;
      }
      makeRoom(revision);
    },
    get first() {
      return first;
    },
    get step() {
      return step;
    },
    get voidBefore() {
      return voidBefore;
    },
    since(revision) {
      const points: LivePoint[] = [];
      for (let at = 0; at < seconds.length; at += step) {
        const slots = seconds.slice(at, at + step);
        if (slots.some((slot) => slot.revision > revision)) points.push(point(at / step, slots));
      }
      return points;
    },
  };
}

/** `loads` by their number. */
interface Slot {
  readonly loads: LiveSecond[];
  revision: number;
}

function isSame(one: LiveSecond | undefined, other: LiveSecond): boolean {
  if (one === undefined) return false;
  return FIELDS.every((field) => one[field] === other[field]);
}

const FIELDS = ['requests', 'failed', 'dropped', 'p50', 'p95', 'p99'] as const;

/** Percentiles of several loads and seconds cannot be merged: the worst of them is shown. */
function point(index: number, slots: readonly Slot[]): LivePoint {
  const all = slots.flatMap(({ loads }) => Object.values(loads));
  const mean = (field: 'requests' | 'failed' | 'dropped') =>
    round(all.reduce((sum, one) => sum + one[field], 0) / slots.length);
  const worst = (field: 'p50' | 'p95' | 'p99') =>
    all.reduce<number | null>((top, { [field]: value }) => {
      if (value === null) return top;
      return top === null ? round(value) : Math.max(top, round(value));
    }, null);
  return [index, mean('requests'), mean('failed'), mean('dropped'), worst('p50'), worst('p95'), worst('p99')];
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
