export { countText, many } from '../../chaos/many.ts';

/** ISO 8601 with milliseconds; null stays null. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(Math.round(ms)).toISOString();
}

/** `0.8 ms`, `850 ms`, `1.84 s`, `12.3 s`, `2 min 5 s`, `2 h 5 min`: how every duration reads, in messages and in reports. */
export function readableMs(ms: number): string {
  return durationText(ms, DIGITS);
}

/** `0 %`, `0.042 %`, `12.3 %`, `99.98 %`: two significant digits below 1 %, and never rounded up to a whole 100 %. */
export function percentText(share: number, digits = DIGITS): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 1) return `${Number(percent.toPrecision(digits - 1))} %`;
  if (percent < 99 || percent > 100) return `${Number(percent.toFixed(digits - 2))} %`;
  // Two digits of the distance to 100, so that 99.995 % is not shown as a round 100 %.
  const decimals = Math.min(6, digits - 2 - Math.floor(Math.log10(100 - percent)));
  return `${Number(percent.toFixed(Math.max(2, decimals)))} %`;
}

/** `0.3/s`, `37.4/s`, `998/s`. */
export function rateText(perSecond: number, digits = DIGITS): string {
  const decimals = perSecond < 100 ? digits - 2 : digits - DIGITS;
  return `${Number(perSecond.toFixed(decimals))}/s`;
}

/**
 * A measured value as it reads beside its bound: with three digits, or with as many more as it takes not to look like the bound.
 * "p95 is 100 ms of 100 ms" would tell nobody why it is broken.
 */
export function beside(
  measured: number,
  bound: number,
  text: (value: number, digits: number) => string,
): string {
  for (let digits = DIGITS; digits < MOST_DIGITS; digits += 1) {
    const shown = text(measured, digits);
    if (measured === bound || ![DIGITS, digits].some((one) => shown === text(bound, one))) return shown;
  }
  return text(measured, MOST_DIGITS);
}

/** `beside` for durations in milliseconds. */
export function besideMs(measured: number, bound: number): string {
  return beside(measured, bound, durationText);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(texts: readonly string[]): string {
  return texts.length < 2
    ? texts.join('')
    : `${texts.slice(0, -1).join(', ')} and ${texts[texts.length - 1]}`;
}

const DIGITS = 3;
const MOST_DIGITS = 8;

function durationText(ms: number, digits: number): string {
  if (ms < 0) return `-${durationText(-ms, digits)}`;
  const more = digits - DIGITS;
  const milliseconds = Number(ms.toFixed(ms < 10 ? 1 + more : more));
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = Number((ms / 1000).toPrecision(digits));
  if (seconds < 60 || more > 0) return `${seconds} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
