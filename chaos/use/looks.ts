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
  /** The first and the last look of a span. Undefined when they are less than half a second apart. */
  within(span: Span): Pair<Counters> | undefined;
  /** What is around a window, cut into up to four parts with about as many requests each. `isCut`: the looks at which it may be cut. */
  parts(window: Cuttable, isCut?: (counters: Counters) => boolean): Pair<Counters>[];
}

type Cuttable = Span & Pick<UseWindow, 'madeBy'>;

const MOST = 1_000;
/** What was there before the load is asked for until the end of the run. */
const FIRST = 40;
const LEAST_MS = 500;
const PART_MS = 1_500;
const MOST_PARTS = 4;

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
      const first = looks.find(({ at }) => at >= from);
      const last = looks.findLast(({ at }) => at <= to);
      if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return undefined;
      return { first, last };
    },
    parts({ from, to, madeBy = (share) => from + share * (to - from) }, isCut = () => true) {
      const whole = around(from, to);
      if (whole === undefined) return [];
      const { first, last } = whole;
      const count = Math.max(1, Math.min(MOST_PARTS, Math.floor((last.at - first.at) / PART_MS)));
      const cuts = [first];
      for (let index = 1; index < count; index += 1) {
        const mark = madeBy(index / count);
        const cut = looks.findLast(({ at, counters }) => at <= mark && isCut(counters));
        if (cut !== undefined && cut.at > (cuts.at(-1)?.at ?? 0)) cuts.push(cut);
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
