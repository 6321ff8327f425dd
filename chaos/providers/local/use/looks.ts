/** Counters that only grow, as they were at one moment. */
export interface Look<Counters> {
  readonly at: number;
  readonly counters: Counters;
}

/** Looks of the last minutes; older ones are thinned out, so that an hour takes what a minute takes. */
export interface Looks<Counters> {
  add(look: Look<Counters>): void;
  /** The last look before `from` (else the first) and the first after `to` (else the last). Undefined when there are not two. */
  around(
    from: number,
    to: number,
  ): { readonly first: Look<Counters>; readonly last: Look<Counters> } | undefined;
}

const MOST = 1_000;

export function createLooks<Counters>(): Looks<Counters> {
  let looks: Look<Counters>[] = [];
  return {
    add(look) {
      looks.push(look);
      if (looks.length > MOST) looks = looks.filter((_, index) => index % 2 === 0 || index > MOST / 2);
    },
    around(from, to) {
      const first = looks.findLast(({ at }) => at <= from) ?? looks[0];
      const last = looks.find(({ at }) => at >= to) ?? looks.at(-1);
      return first === undefined || last === undefined || first.at >= last.at ? undefined : { first, last };
    },
  };
}
