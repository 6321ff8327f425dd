import { parseDurationMs } from '../../thresholds/units.ts';

/** A bound as a number: `p95 < 100ms` is { side: 'below', value: 100, unit: 'ms' }. */
export interface Bound {
  readonly side: 'below' | 'above' | 'exactly';
  /** Milliseconds, a fraction, events per second, or a plain number. */
  readonly value: number;
  readonly unit: 'ms' | 'share' | 'per second' | 'count';
}

/**
 * The bounds in a text: of a register (`< 100ms`), an objective (`p95 < 100ms`), a k6 summary (`failed ≤ 0.1% (99.9% available)`), an
 * expectation (`30 s`, which means within), or a probe (`x >= 28 and <= 32`, `an alert within 1 min of x`). None: it is in words.
 */
export function parseBounds(text: string): readonly Bound[] {
  const available = /\(([\d.]+)% available\)/.exec(text);
  if (available !== null) return [toBound('>=', available[1] ?? '', '%')].filter((bound) => bound !== null);
  const bare = BARE_DURATION.exec(text);
  const found = bare === null ? [...text.matchAll(BOUND)] : [bare];
  return found
    .map(([, sign = '', value = '', unit = '']) => toBound(sign, value, unit))
    .filter((bound) => bound !== null);
}

/**
 * Was a promise measured against its own bound? False where one of the two is in words. What is promised for 15 min is not measured by
 * what held for 20 s.
 */
export function sameBounds(promised: string, measured: string): boolean {
  const [ours, theirs] = [parseBounds(promised), parseBounds(measured)];
  return (
    ours.length > 0 &&
    ours.length === theirs.length &&
    ours.every((bound, i) => same(bound, theirs[i])) &&
    lastsMs(measured) >= lastsMs(promised)
  );
}

/** `< 0.1% for 15min`: 900,000. 0: it does not say. */
function lastsMs(text: string): number {
  const [, time = '0ms'] = LASTS.exec(text) ?? [];
  return parseDurationMs(time.replaceAll(/\s/g, ''));
}

const LASTS = /\bfor (\d+(?:\.\d+)?\s?(?:ms|min|s|h|d)(?:\s?\d+\s?(?:min|s|ms))?)(?![\w/])/;

function same(a: Bound, b: Bound | undefined): boolean {
  if (b === undefined || a.side !== b.side || a.unit !== b.unit) return false;
  return Math.abs(a.value - b.value) <= 1e-9 * Math.abs(a.value);
}

const UNITS = String.raw`(%|/s|/min|/h|(?:ms|min|us|s|h|d)(?:\s?\d+\s?(?:min|s|ms))?)?(?![\w/])`;
const BOUND = new RegExp(String.raw`(<=|>=|[<>=≤≥]|\bwithin)\s*([\d][\d,]*(?:\.\d+)?)\s?${UNITS}`, 'g');
const BARE_DURATION = /^()([\d.]+)\s?((?:ms|min|s|h)(?:\s?\d+\s?(?:min|s|ms))?)$/;

/** Where only whole numbers count, fewer than 10 is at most 9. For the rest `<` and `<=` differ by nothing that can be measured. */
function toBound(sign: string, digits: string, unit: string): Bound | null {
  const number = Number(digits.replaceAll(',', ''));
  const isCount = unit === '';
  if (sign === '=') return quantity('exactly', number, unit);
  if (sign === '>' || sign === '>=' || sign === '≥') {
    const bound = quantity('above', isCount && sign === '>' ? number + 1 : number, unit);
    return bound?.unit === 'share' && bound.value === 1 ? { ...bound, side: 'exactly' } : bound;
  }
  const most = isCount && sign === '<' ? number - 1 : number;
  return quantity(most === 0 ? 'exactly' : 'below', most, unit);
}

function quantity(side: Bound['side'], number: number, unit: string): Bound | null {
  if (unit === '') return { side, value: number, unit: 'count' };
  if (unit === '%') return { side, value: Number((number / 100).toPrecision(12)), unit: 'share' };
  const per = { '/s': 1, '/min': 60, '/h': 3600 }[unit];
  if (per !== undefined) return { side, value: number / per, unit: 'per second' };
  try {
    return { side, value: parseDurationMs(`${number}${unit.replaceAll(/\s/g, '')}`), unit: 'ms' };
  } catch {
    return null;
  }
}
