import type { PromiseRow } from '../promises/measure.ts';

/**
 * What the register says as a whole. FAIL: a promise is broken. INVALID: none is, but one was never measured, or only by runs that could
 * not tell, and the register does not say why. PASS: neither.
 */
export function registerOutcome(rows: readonly PromiseRow[]): 'PASS' | 'FAIL' | 'INVALID' {
  if (rows.some(({ result }) => result === 'FAIL')) return 'FAIL';
  return rows.some(({ result, listed }) => result !== 'PASS' && !listed) ? 'INVALID' : 'PASS';
}

export interface Tally {
  readonly kept: number;
  readonly broken: number;
  readonly unclear: number;
  /** Never measured, and the register does not say why. */
  readonly never: number;
  /** Not measured, for a reason in the register. */
  readonly listed: number;
}

export function tallyOf(rows: readonly PromiseRow[]): Tally {
  const count = (is: (row: PromiseRow) => boolean) => rows.filter(is).length;
  return {
    kept: count(({ result }) => result === 'PASS'),
    broken: count(({ result }) => result === 'FAIL'),
    unclear: count(({ result }) => result === 'INVALID'),
    never: count(({ result, listed }) => result === 'NOT MEASURED' && !listed),
    listed: count(({ listed }) => listed),
  };
}

/** `59 promises: 30 kept, 1 broken, …`; what there is none of is left out. */
export function tallyText(rows: readonly PromiseRow[]): string {
  const { kept, broken, unclear, never, listed } = tallyOf(rows);
  const parts = [
    [kept, 'kept'],
    [broken, 'broken'],
    [unclear, 'measured only by runs that could not tell'],
    [never, 'never measured'],
    [listed, 'not measured, for a reason in the register'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${rows.length} ${rows.length === 1 ? 'promise' : 'promises'}: ${said.join(', ') || 'none'}`;
}
