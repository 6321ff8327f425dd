import { count, duration, measured, rate, share } from './format.ts';

/** How a value reads: durations are in ms, shares are 0 to 1; `target`: in the unit of its target's text. */
export type ValueUnit = 'ms' | 'share' | 'per second' | 'count' | 'ratio' | 'text' | 'target';

export interface Reading {
  readonly unit: ValueUnit;
  /** Of an objective, e.g. `p95 < 100ms`. */
  readonly target?: string;
}

/** A dash, or `nothing measured`, where there is none. */
export function valueText({ unit, target = '' }: Reading, value: number | string | null): string {
  if (typeof value === 'string') return value;
  if (unit === 'target') return measured(value, target);
  if (unit === 'ms') return duration(value);
  if (unit === 'share') return share(value);
  if (unit === 'per second') return rate(value);
  if (unit === 'ratio') return value === null ? '–' : `${value.toFixed(3)}×`;
  return count(value);
}

/** `+12 %`, `-3.4 %`, `12×`. */
export function changeText(change: number): string {
  if (change >= 9) return `${count(Math.round(change + 1))}×`;
  const percent = change * 100;
  const text = percent.toFixed(Math.abs(percent) < 10 ? 1 : 0);
  return Number(text) === 0 ? '0 %' : `${percent > 0 ? '+' : ''}${text} %`;
}
