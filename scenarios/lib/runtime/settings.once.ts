import { parseDecimal, parseDurationMs, parsePercent } from '../../../thresholds/units.ts';

export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** What a setting has to be; `fallback` is the example in the message about a wrong one. */
export type SettingRule =
  | ({ readonly kind: 'number'; readonly fallback: number } & NumberRule)
  | { readonly kind: 'duration'; readonly fallback: number; readonly min: number }
  | { readonly kind: 'share'; readonly fallback: number }
  | { readonly kind: 'url'; readonly fallback: string; readonly schemes: readonly string[] };

/**
 * A setting's value in the unit of the code: milliseconds, a fraction; 0 for a URL, which is only checked. Not in env.ts, so that a
 * thousand virtual users carry one function of it instead of ten.
 * @throws Error that names the setting, its value and an example
 */
export const checked = (name: string, text: string, rule: SettingRule): number => {
  const { value, expected, example } = look(text, rule);
  if (Number.isNaN(value)) {
    throw new Error(
      `${name}=${JSON.stringify(text)} is not ${expected}: write for example -e ${name}=${example}`,
    );
  }
  return value;
};

interface Looked {
  /** NaN: not what was expected. */
  readonly value: number;
  readonly expected: string;
  readonly example: string;
}

const look = (text: string, rule: SettingRule): Looked => {
  switch (rule.kind) {
    case 'number':
      return lookAtNumber(text, rule);
    case 'duration': {
      const value = parsed(parseDurationMs, text);
      const expected = rule.min > 0 ? `a duration of at least ${rule.min}ms` : 'a duration';
      return { value: value >= rule.min ? value : Number.NaN, expected, example: `${rule.fallback}ms` };
    }
    case 'share': {
      const value = parsed(parsePercent, text);
      const expected = 'a percentage from 0% to 100%';
      return {
        value: value >= 0 && value <= 1 ? value : Number.NaN,
        expected,
        example: `${rule.fallback * 100}%`,
      };
    }
    case 'url': {
      const expected = `a URL (${rule.schemes.join(', ')}) without query`;
      return { value: isUrl(text, rule.schemes) ? 0 : Number.NaN, expected, example: rule.fallback };
    }
  }
};

const lookAtNumber = (
  text: string,
  {
    fallback,
    min = 0,
    max = Number.MAX_SAFE_INTEGER,
    integer = false,
  }: NumberRule & { readonly fallback: number },
): Looked => {
  const value = parseDecimal(text);
  const good = value >= min && value <= max && (!integer || Number.isInteger(value));
  const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
  const expected = `${integer ? 'a whole number' : 'a number'} ${range}`;
  return { value: good ? value : Number.NaN, expected, example: String(fallback) };
};

const parsed = (parse: (text: string) => number, text: string): number => {
  try {
    return parse(text);
  } catch {
    return Number.NaN;
  }
};

const isUrl = (text: string, schemes: readonly string[]): boolean => {
  const scheme = schemes.find((one) => text.startsWith(`${one}://`));
  const place = text.slice(`${scheme}://`.length);
  const wrong = [' ', '?', '#'].some((character) => place.includes(character));
  return scheme !== undefined && place !== '' && !place.startsWith('/') && !wrong;
};
