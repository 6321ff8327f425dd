import { type ChangePoint, changePoints } from '../../statistics/change-points.ts';
import type { Outcome } from '../../verdict.types.ts';
import type { Reading } from '../text/value-text.ts';
import type { IndexedRun } from './read-runs.ts';

/** One objective over the runs of one drill on one environment, or one measure of a gate. */
export interface Trend extends Reading {
  readonly name: string;
  /** The oldest first; only what was measured. */
  readonly points: readonly TrendPoint[];
  readonly changes: readonly TrendChange[];
}

export interface TrendPoint {
  readonly run: IndexedRun;
  readonly value: number;
  readonly result: Outcome;
}

export interface TrendChange extends ChangePoint {
  /** The first run after the change. */
  readonly run: IndexedRun;
  /** (after - before) / before; null where there was nothing before. */
  readonly change: number | null;
  readonly isWorse: boolean;
}

export interface TrendGroup {
  /** `spike on staging`, `gate release`. */
  readonly title: string;
  readonly runs: number;
  readonly trends: readonly Trend[];
}

/** So many of the newest runs of a drill are in a trend. */
export const MOST_POINTS = 100;

/** As Hunter's, with windows of 50: a step of 5 % or more that chance would make in about 3 of 100 series (of 30 runs, 6 % noise). */
const SETTINGS = { window: 50, maxP: 0.001, minMagnitude: 0.05 };
/** One run that is far off is no change: the next one tells. */
const FEWEST_RUNS = 2;

/** The trends of all runs, by drill and environment, in the order of their newest run. A pure function. */
export function trendsOf(runs: readonly IndexedRun[]): TrendGroup[] {
  const groups = new Map<string, IndexedRun[]>();
  for (const run of [...runs].reverse()) {
    const title = run.kind === 'gate' ? `gate ${run.of}` : `${run.of} on ${run.environment}`;
    groups.set(title, [run, ...(groups.get(title) ?? [])]);
  }
  return [...groups].map(([title, own]) => ({
    title,
    runs: own.length,
    trends: trendsOfGroup(own.slice(-MOST_POINTS)),
  }));
}

function trendsOfGroup(runs: readonly IndexedRun[]): Trend[] {
  const found = new Map<string, Reading & { name: string; points: TrendPoint[] }>();
  // The newest first: what is promised now has the first rows.
  for (const run of [...runs].reverse())
    for (const { name, value, result, unit, target } of run.measures) {
      const key = `${name}\n${target ?? ''}`;
      const reading = { name, unit, ...(target === undefined ? {} : { target }) };
      const trend = found.get(key) ?? { ...reading, points: [] };
      found.set(key, trend);
      if (value !== null && result !== 'INVALID') trend.points.unshift({ run, value, result });
    }
  return [...found.values()].map((trend) => ({ ...trend, changes: changesOf(trend) }));
}

function changesOf({ points, unit, target }: Reading & Pick<Trend, 'points'>): TrendChange[] {
  // From 99.99 % to 99.9 % is ten times as many failures, and not a change of 0.09 %.
  const isAvailability = target?.startsWith('availability') ?? false;
  const asKept = (value: number) => (isAvailability ? 1 - value : value);
  const values = points.map(({ value }) => asKept(value));
  const found = changePoints(values, SETTINGS);
  const ends = [0, ...found.map(({ index }) => index), values.length];
  return found
    .filter((_, i) => {
      const [from, at, to] = ends.slice(i, i + 3) as [number, number, number];
      return at - from >= FEWEST_RUNS && to - at >= FEWEST_RUNS;
    })
    .map((point) => ({
      ...point,
      before: asKept(point.before),
      after: asKept(point.after),
      run: (points[point.index] as TrendPoint).run,
      change: point.before === 0 ? null : (point.after - point.before) / Math.abs(point.before),
      isWorse: isAvailability
        ? point.after > point.before
        : point.after > point.before !== isHigherBetter(unit, target),
    }));
}

function isHigherBetter(unit: Reading['unit'], target: string | undefined): boolean {
  return target === undefined ? unit === 'per second' : /[>≥]/.test(target);
}
