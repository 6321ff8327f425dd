import { beside, besideMs, percentText, rateText, readableMs } from '../../objectives/number-text.ts';

/** How numbers and times read in every artefact. Durations are milliseconds, shares are fractions, times ISO 8601 or epoch ms. */

/** A dash where there is none. */
export function duration(ms: number | null): string {
  return ms === null || !Number.isFinite(ms) ? '–' : readableMs(ms);
}

/** In words where there is none: for a figure that stands alone. */
export function durationOrNot(ms: number | null): string {
  return ms === null ? 'not measured' : duration(ms);
}

/** `0 %`, `0.042 %`, `12.3 %`, `99.98 %`. */
export function share(fraction: number | null): string {
  return fraction === null || !Number.isFinite(fraction) ? '–' : percentText(fraction);
}

/** `999/s`, `12 345/s`. */
export function rate(perSecond: number | null): string {
  return perSecond === null || !Number.isFinite(perSecond) ? '–' : grouped(rateText(perSecond));
}

/** `0×`, `0.42×`, `65.7×`, `412×`: three significant digits. */
export function burnRate(times: number): string {
  return `${count(Number(times.toPrecision(3)))}×`;
}

/** Digits in groups of three, by narrow no-break spaces. */
export function count(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return grouped(Number.isInteger(value) ? String(value) : trim(value, 3));
}

/**
 * A measured value in its target's unit, which the target's text carries (`p95 < 100ms`, `errors < 0.1%`, `>= 1000/s`). It never reads
 * like a bound that it is not.
 */
export function measured(value: number | null, target: string): string {
  if (value === null) return 'nothing measured';
  const [, number = '', unit] =
    /[<>=≤≥]\s*([\d.,]+)\s*(%|ms|s|min|h|d|\/s|\/min|\/h)(?![\w/])/.exec(target) ?? [];
  const bound = Number(number);
  if (unit === '%') return beside(value, bound / 100, percentText);
  if (unit === '/s') return grouped(beside(value, bound, rateText));
  if (unit?.startsWith('/')) return rate(value);
  return unit === undefined ? count(value) : besideMs(value, bound * (MS[unit] ?? Number.NaN));
}

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from one time to another; null when one is missing. */
export function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from);
}

/** Place on the run's timeline: `0:42.1`, `12:03.0`, `1:02:03.0` after `zeroMs`. */
export function offset(time: string | number | null, zeroMs: number): string {
  if (time === null) return '–';
  const tenths = Math.round(((typeof time === 'number' ? time : Date.parse(time)) - zeroMs) / 100);
  const sign = tenths < 0 ? '-' : '';
  const seconds = Math.floor(Math.abs(tenths) / 10);
  const rest = `${String(seconds % 60).padStart(2, '0')}.${Math.abs(tenths) % 10}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${minutes}:${rest}`;
  return `${sign}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

/** `14:03:07.123` UTC. */
export function clock(time: string | number | null): string {
  if (time === null) return '–';
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().slice(11, 23);
}

/** `2026-05-04 14:03:07` UTC. */
export function dateTime(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toISOString().slice(0, 19).replace('T', ' ');
}

function grouped(number: string): string {
  const [whole = '', ...rest] = number.split(/(?=[./])/);
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f'), ...rest].join('');
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** Downtime is a sum: each outage of a fault can be off by as much as one of its times. */
export function downtimeToleranceMs(fault: {
  readonly toleranceMs: number;
  readonly outages: readonly unknown[];
}): number {
  return fault.toleranceMs * Math.max(1, fault.outages.length);
}
