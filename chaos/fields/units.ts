import { z } from 'zod';
import { parseDurationMs, parsePercent, parseRatePerSecond } from '../../thresholds/units.ts';
import { message } from './message.ts';

/** Timers of Node take at most 2^31 - 1 ms: what is longer would fire at once. */
const MAX_DURATION_MS = 24 * 24 * 3_600_000;

interface Unit {
  readonly parse: (text: string) => number;
  /** For editors; `parse` decides. */
  readonly pattern: RegExp;
  readonly what: string;
  readonly example: string;
  readonly bounds?: (value: number) => string | undefined;
}

const DURATION: Unit = {
  parse: parseDurationMs,
  pattern: /^(\d+(\.\d+)?(ms|min|us|s|m|h|d))+$/,
  what: 'a duration with its unit',
  example: 'write for example 250ms, 30s, 2min or 1m30s',
  bounds(ms) {
    if (ms > 0 && ms < 1) return message('must be at least 1ms', 'write for example 250ms');
    return ms > MAX_DURATION_MS ? message('must be at most 24d', 'write a shorter duration') : undefined;
  },
};
const POSITIVE_DURATION: Unit = {
  ...DURATION,
  bounds: (ms) => (ms === 0 ? message('must be more than 0', DURATION.example) : DURATION.bounds?.(ms)),
};
const SHARE: Unit = {
  parse: parsePercent,
  pattern: /^\d+(\.\d+)?%$/,
  what: 'a percentage',
  example: 'write for example 1% or 99.9%',
  bounds: (share) =>
    share > 1 ? message('must be at most 100%', 'write for example 1% or 99.9%') : undefined,
};
const RATE: Unit = {
  parse: parseRatePerSecond,
  // A drill's variable may stand for the number.
  pattern: /^(\d+(\.\d+)?|\$\{\w+\})\/(s|min|h)$/,
  what: 'a rate',
  example: 'write for example 1000/s or 90/min',
};

/** A duration in YAML (`30s`, `0s` too), milliseconds inside. */
export const durationMs = converted(DURATION);
/** A duration that is not nothing. */
export const positiveDurationMs = converted(POSITIVE_DURATION);
/** A share in YAML (`1%`), a fraction from 0 to 1 inside. */
export const fraction = converted(SHARE);
/** A rate in YAML (`1000/s`), events per second inside. */
export const perSecond = converted(RATE);

/** The same, but kept as text with its unit: thresholds/objective.ts wants it so. */
export const durationText = checked(POSITIVE_DURATION);
export const windowText = checked({ ...POSITIVE_DURATION, bounds: (ms) => positive(ms) });
/** A bound that something can be below: 0% would never hold. */
export const upperShareText = checked({ ...SHARE, bounds: (s) => positive(s) ?? SHARE.bounds?.(s) });
/** A bound that something can fail to reach: 0% would always hold. */
export const lowerShareText = upperShareText;
export const rateText = checked({ ...RATE, bounds: (rate) => positive(rate) });

function positive(value: number): string | undefined {
  return value > 0 ? undefined : message('must be more than 0', 'a bound of 0 always fails or never does');
}

function converted(unit: Unit) {
  return text(unit).transform((value, context) => {
    const result = measure(unit, value);
    if (typeof result === 'number') return result;
    context.addIssue({ code: 'custom', message: result });
    return z.NEVER;
  });
}

function checked(unit: Unit) {
  return text(unit).superRefine((value, context) => {
    const result = measure(unit, value);
    if (typeof result === 'string') context.addIssue({ code: 'custom', message: result });
  });
}

function text(unit: Unit) {
  const error = (issue: { readonly input?: unknown }) =>
    issue.input === undefined ? undefined : message(`must be ${unit.what}`, unit.example);
  return z.string({ error }).meta({ pattern: unit.pattern.source });
}

/** The number, or what is wrong with the text. */
function measure(unit: Unit, text: string): number | string {
  let value: number;
  try {
    // Bounded before it is parsed: the text may be as long as the file.
    value = text.length <= 64 ? unit.parse(text) : Number.NaN;
  } catch {
    value = Number.NaN;
  }
  if (!Number.isFinite(value)) {
    const negative = text.startsWith('-');
    return message(
      negative ? `must be ${unit.what}, and not negative` : `must be ${unit.what}`,
      unit.example,
    );
  }
  return unit.bounds?.(value) ?? value;
}
