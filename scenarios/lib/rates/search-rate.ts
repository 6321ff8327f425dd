export interface Probe {
  readonly rate: number;
  /** Null: the rate held. */
  readonly broke: 'target' | 'generator' | null;
  readonly detail: string;
}

export interface SearchPlan {
  readonly from: number;
  readonly max: number;
  /** The search stops when the interval is this share of the rate that held. */
  readonly precision: number;
}

export interface Step {
  readonly next: number | null;
  /** The highest rate that held; 0 when none did. */
  readonly holds: number;
  /** The lowest rate that did not; null while every rate held. */
  readonly breaks: Probe | null;
}

/** Doubles the rate until it breaks, then halves the interval. A pure function of the rates tried so far. */
export const nextRate = (tried: readonly Probe[], { from, max, precision }: SearchPlan): Step => {
  const broken = tried.filter(({ broke }) => broke !== null);
  const breaks = broken.reduce<Probe | null>(
    (low, probe) => (low && low.rate < probe.rate ? low : probe),
    null,
  );
  const holds = tried
    .filter(({ broke, rate }) => broke === null && (breaks === null || rate < breaks.rate))
    .reduce((high, { rate }) => Math.max(high, rate), 0);
  const step = (next: number | null): Step => ({ next, holds, breaks });
  if (tried.length === 0) return step(from);
  if (breaks === null) return step(holds >= max ? null : Math.min(max, holds * 2));
  if (holds === 0) return step(breaks.rate <= 1 ? null : Math.floor(breaks.rate / 2));
  if (breaks.rate - holds <= Math.max(1, holds * precision)) return step(null);
  return step(Math.round((holds + breaks.rate) / 2));
};
