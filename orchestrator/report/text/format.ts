import { readableMs } from '../../objectives/number-text.ts';

/** How numbers and times read in every artefact. Durations are milliseconds, shares are fractions, times ISO 8601 or epoch ms. */

/** A dash where there is none. */
export function duration(ms: number | null): string {
  return ms === null || !Number.isFinite(ms) ? '–' : readableMs(ms);
}

/** In words where there is none: for a figure that stands alone. */
export function durationOrNot(ms: number | null): string {
  return ms === null ? 'not measured' : duration(ms);
}

/** `0 %`, `0.042 %`, `12.3 %`, `99.98 %`: two significant digits below 1 %, and never rounded up to a whole 100 %. */
export function share(fraction: number | null): string {
  if (fraction === null || !Number.isFinite(fraction)) return '–';
  const percent = fraction * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 1) return `${Number(percent.toPrecision(2))} %`;
  // Two digits of the distance to 100, so that 99.995 % is not shown as a round 100 %.
  const digits = percent >= 99 ? Math.min(6, 1 - Math.floor(Math.log10(100 - percent))) : 1;
  return `${trim(percent, percent >= 99 ? Math.max(2, digits) : digits)} %`;
}

/** `999.6/s`, `12 345/s`. */
export function rate(perSecond: number | null): string {
  if (perSecond === null || !Number.isFinite(perSecond)) return '–';
  return `${perSecond < 100 ? trim(perSecond, 1) : count(Math.round(perSecond))}/s`;
}

/** `0×`, `0.42×`, `65.7×`, `412×`: three significant digits. */
export function burnRate(times: number): string {
  return `${count(Number(times.toPrecision(3)))}×`;
}

/** Digits in groups of three, by narrow no-break spaces. */
export function count(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  const [whole = '', decimals] = (Number.isInteger(value) ? String(value) : trim(value, 3)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** A measured value in its target's unit, which the target's text carries (`p95 < 100ms`, `errors < 0.1%`, `>= 1000/s`). */
export function measured(value: number | null, target: string): string {
  if (value === null) return 'nothing measured';
  const unit = /[<>=≤≥]\s*[\d.,]+\s*(%|ms|s|min|h|d|\/s|\/min|\/h)(?![\w/])/.exec(target)?.[1];
  if (unit === '%') return share(value);
  if (unit?.startsWith('/')) return rate(value);
  return unit === undefined ? count(value) : duration(value);
}

/** Milliseconds from one time to another; null when one is missing. */
export function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from);
}

/** Place on the run's time line: `0:42.1`, `12:03.0`, `1:02:03.0` after `zeroMs`. */
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
