import type { Span, UseWindow } from '../provider.ts';

/** Counters that only grow, as they were at one moment. */
export interface Look<Counters> {
  readonly at: number;
  readonly counters: Counters;
}

/** Two looks, and so what happened between them. */
export interface Pair<Counters> {
  readonly first: Look<Counters>;
  readonly last: Look<Counters>;
}

/** The first looks and those of the last minutes; the others are thinned out, so that an hour takes what a minute takes. */
export interface Looks<Counters> {
  add(look: Look<Counters>): void;
  /** The last look before `from` (else the first) and the first after `to` (else the last). Undefined when there are not two. */
  around(from: number, to: number): Pair<Counters> | undefined;
  /** From look to look in a span. None when they are less than half a second apart altogether. */
  within(span: Span): Pair<Counters>[];
  /**
   * What is around a window, cut into parts of half a second, or of a look where looks are rarer. What lies before the load made its
   * requests is one part with the first of them. `isCut`: the looks at which it may be cut.
   */
  parts(window: Cuttable, isCut?: (counters: Counters) => boolean): Pair<Counters>[];
}

type Cuttable = Span & Pick<UseWindow, 'madeBy'>;

const MOST = 1_000;
/** What was there before the load is asked for until the end of the run. */
const FIRST = 40;
const LEAST_MS = 500;
const PART_MS = 500;
/** The parts of a fault that is in for longer than five minutes are longer. */
const MOST_PARTS = 600;
/** A timer that fires late makes the next part a little shorter. */
const NEARLY = 0.9;

export function createLooks<Counters>(): Looks<Counters> {
  let looks: Look<Counters>[] = [];
  return {
    add(look) {
      looks.push(look);
      if (looks.length <= MOST) return;
      looks = looks.filter((_, index) => index < FIRST || index % 2 === 0 || index > MOST / 2);
    },
    around,
    within({ from, to }) {
      const inside = looks.filter(({ at }) => at >= from && at <= to);
      const pairs = inside.slice(1).map((last, index) => ({ first: inside[index] ?? last, last }));
      const ms = pairs.reduce((sum, { first, last }) => sum + last.at - first.at, 0);
      return ms < LEAST_MS ? [] : pairs;
    },
    parts({ from, to, madeBy = (share) => from + share * (to - from) }, isCut = () => true) {
      const whole = around(from, to);
      if (whole === undefined) return [];
      const { first, last } = whole;
      const count = Math.max(1, Math.min(MOST_PARTS, Math.floor((last.at - first.at) / PART_MS)));
      const leastMs = (NEARLY * (last.at - first.at)) / count;
      const cuts = [first];
      for (let index = 1; index < count; index += 1) {
        const mark = Math.max(madeBy(index / count), (cuts.at(-1) ?? first).at + leastMs);
        const cut = looks.find(({ at, counters }) => at >= mark && isCut(counters));
        if (cut === undefined || last.at - cut.at < leastMs) break;
        cuts.push(cut);
      }
      return cuts.map((cut, index) => ({ first: cut, last: cuts[index + 1] ?? last }));
    },
  };

  function around(from: number, to: number): Pair<Counters> | undefined {
    const first = looks.findLast(({ at }) => at <= from) ?? looks[0];
    const last = looks.find(({ at }) => at >= to) ?? looks.at(-1);
    return first === undefined || last === undefined || first.at >= last.at ? undefined : { first, last };
  }
}
