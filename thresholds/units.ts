/**
 * Parses a duration such as `80ms`, `1.5s`, `2min`, `1m30s`, `4h` or `30d` into milliseconds.
 * @throws RangeError when the text is not a duration. No dependencies: this runs inside k6, too.
 */
export const parseDurationMs = (text: string): number => {
  let total = 0;
  let rest = text;
  do {
    const { value, unit, after } = leadingQuantity(rest);
    total += value * (UNIT_MS[unit as keyof typeof UNIT_MS] ?? Number.NaN);
    rest = after;
  } while (rest !== '');
  if (Number.isNaN(total)) {
    throw new RangeError(
      `not a duration: ${JSON.stringify(text)} (write for example 250ms, 30s, 2min or 1m30s)`,
    );
  }
  return total;
};

/** Parses `0.1%` into the fraction 0.001. @throws RangeError */
export const parsePercent = (text: string): number => {
  const value = text.endsWith('%') ? parseDecimal(text.slice(0, -1)) : Number.NaN;
  if (Number.isNaN(value))
    throw new RangeError(`not a percentage: ${JSON.stringify(text)} (write for example 1% or 99.9%)`);
  // Dividing a decimal by 100 leaves noise in the last digits (99.9 / 100 = 0.9990000000000001), which is cut off here.
  return Number((value / 100).toPrecision(12));
};

/** Parses `1000/s` or `90/min` into events per second. @throws RangeError */
export const parseRatePerSecond = (text: string): number => {
  const slash = text.indexOf('/');
  const per = { s: 1, min: 60, h: 3600 }[text.slice(slash + 1) as 's' | 'min' | 'h'];
  const value = slash < 0 || per === undefined ? Number.NaN : parseDecimal(text.slice(0, slash)) / per;
  if (Number.isNaN(value))
    throw new RangeError(`not a rate: ${JSON.stringify(text)} (write for example 1000/s or 90/min)`);
  return value;
};

/**
 * Parses digits with at most one dot between them; NaN for anything else, also for what Number() would accept, such as 1e3. Regular
 * expressions would be shorter, but every virtual user of k6 pays for them: 60 MB at 1000 users.
 */
export const parseDecimal = (text: string): number => {
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const inside = at > 0 && at < text.length - 1;
    if (text[at] === '.' && inside) dots += 1;
    else if (!isDigit(text[at])) return Number.NaN;
  }
  return text === '' || dots > 1 ? Number.NaN : Number(text);
};

const UNIT_MS = { us: 0.001, ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

const leadingQuantity = (text: string): { value: number; unit: string; after: string } => {
  let unitAt = 0;
  while (isDigit(text[unitAt]) || text[unitAt] === '.') unitAt += 1;
  let end = unitAt;
  while (end < text.length && !isDigit(text[end])) end += 1;
  return {
    value: parseDecimal(text.slice(0, unitAt)),
    unit: text.slice(unitAt, end),
    after: text.slice(end),
  };
};

const isDigit = (character: string | undefined): boolean => {
  return character !== undefined && character >= '0' && character <= '9';
};
