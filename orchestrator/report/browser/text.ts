/** How numbers and times read on the chart. Times are seconds after the first sample. */
export function tickTime(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const tail = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return `${seconds < 0 ? '-' : ''}${hours > 0 ? `${hours}:` : ''}${tail}`;
}

export function clockTime(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 19);
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${number(value / 1000)} s` : `${number(value)} ms`;
}

export function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', '\u202f');
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

/** Keeps powers of ten on a logarithmic axis, and 2 and 5 times them where there would be too few to read a value from. */
export function powers(_chart: unknown, splits: readonly number[]): (number | null)[] {
  const [low = 1, high = 1] = [splits[0], splits.at(-1)];
  const digits = high / low < 100 ? [1, 2, 5] : [1];
  return splits.map((value) =>
    digits.includes(Number((value / 10 ** Math.floor(Math.log10(value) + 1e-9)).toFixed(6))) ? value : null,
  );
}

/** `0:42` for whole seconds, `0:42.5` within one. */
export function offsetTime(seconds: number): string {
  return Number.isInteger(seconds)
    ? tickTime(seconds)
    : `${tickTime(Math.trunc(seconds))}.${Math.floor((Math.abs(seconds) % 1) * 10)}`;
}
