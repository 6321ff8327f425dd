import { checked, type NumberRule } from './settings.once.ts';

/**
 * Typed access to what `-e NAME=value` hands to a script. An empty value counts as left out. Each function throws an Error that
 * names the setting, its value and an example, so k6 stops before the first request.
 *
 * Every virtual user runs this, and whatever it touches for the first time costs each of them about 10 kB. So fallbacks are numbers
 * that need no parsing, and only the first run of the script (user 0) checks.
 */
export const numberFrom = (name: string, fallback: number, rule?: NumberRule): number => {
  const text = __ENV[name];
  if (!text) return fallback;
  return __VU > 0 ? Number(text) : checked(name, text, { kind: 'number', fallback, ...rule });
};

export const wholeNumber: NumberRule = { min: 1, integer: true };

/** @returns milliseconds; the fallback is in milliseconds, too. */
export const durationFrom = (name: string, fallback: number, min = 0): number => {
  const text = __ENV[name];
  return text ? checked(name, text, { kind: 'duration', fallback, min }) : fallback;
};

/** @returns a fraction from 0 to 1; so is the fallback. */
export const shareFrom = (name: string, fallback: number): number => {
  const text = __ENV[name];
  return text ? checked(name, text, { kind: 'share', fallback }) : fallback;
};

export const textFrom = (name: string, fallback: string): string => __ENV[name] || fallback;

/** @returns the URL without a trailing slash, so that paths can be appended. */
export const urlFrom = (name: string, fallback: string, schemes?: readonly string[]): string => {
  const text = __ENV[name];
  if (!text) return fallback;
  if (__VU === 0) checked(name, text, { kind: 'url', fallback, schemes: schemes ?? ['http', 'https'] });
  return text[text.length - 1] === '/' ? text.slice(0, -1) : text;
};
