import type { GateResult } from '../gate.types.ts';
import type { ComparisonResult } from '../side-by-side/compare-slots.ts';

export const COLUMNS = [
  'comparison',
  'request',
  'measure',
  'answer',
  'baseline',
  'candidate',
  'ratio',
  'interval',
  'pairs',
] as const;

/** One comparison in words, in the order of COLUMNS. */
export function cellsOf(one: ComparisonResult): string[] {
  const needs = one.needs === null ? '' : ` (needs ${one.needs.pairs})`;
  const high = one.high === null ? 'no limit' : one.high.toFixed(3);
  return [
    one.name,
    one.request,
    one.measure,
    one.answer,
    value(one.baseline, one.measure),
    value(one.candidate, one.measure),
    one.ratio.toFixed(3),
    `${(one.low ?? 0).toFixed(3)} to ${high}`,
    `${one.pairs}${needs}`,
  ];
}

export function noiseText({ noise: { lateMs, steal }, seed }: GateResult): string {
  const order = `The order of the slots has the seed ${seed}.`;
  if (lateMs === null) return order;
  const stolen =
    steal === null ? '' : `, and ${(100 * steal).toFixed(1)} % of a second was taken by its host`;
  return `${order} At worst the machine was ${lateMs.toFixed(1)} ms late${stolen}.`;
}

function value(number: number, measure: string): string {
  if (measure === 'errors') return `${(100 * number).toFixed(2)} %`;
  return measure === 'throughput' ? `${number.toFixed(1)}/s` : `${number.toFixed(2)} ms`;
}
