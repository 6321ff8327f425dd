import type { Outcome } from '../verdict.types.ts';
import type { GateBudget } from './error-budgets.ts';
import type { GateResult } from './gate.types.ts';

export interface ComparedSoFar {
  readonly name: string;
  readonly blocks: boolean;
  readonly results: GateResult['comparisons'];
  /** Why it proves less than it should. */
  readonly problems: readonly string[];
  /** What limits its answers. */
  readonly notes: readonly string[];
}

/**
 * The verdict of the gate. FAIL: a check that blocks has failed, or something has regressed. INVALID: a check proves nothing, a
 * comparison was not measured as planned, or could tell no percentile. What does not block is told and does not count; a gate in which
 * nothing that blocks has passed proves nothing. An error budget that is spent is a FAIL, one that is not known INVALID.
 */
export function gateVerdict(
  checks: GateResult['checks'],
  compared: readonly ComparedSoFar[],
  budgets: readonly GateBudget[] = [],
): { readonly verdict: Outcome; readonly reasons: string[] } {
  const failures: string[] = [];
  const invalid: string[] = [];
  const notes = compared.flatMap((one) => one.notes);
  let passed = 0;
  for (const { name, verdict, blocks, reasons, note } of checks) {
    const text = `check ${name}: ${verdict}${reasons[0] === undefined ? '' : `: ${reasons[0]}`}`;
    if (note !== undefined && verdict === 'PASS') notes.push(`check ${name}: ${note}`);
    if (verdict === 'PASS') passed += Number(blocks);
    else (blocks ? (verdict === 'FAIL' ? failures : invalid) : notes).push(text);
  }
  for (const { name, blocks, results, problems } of compared) {
    const regressed = results.filter(({ answer }) => answer === 'regressed');
    const texts = regressed.map(
      ({ request, reason }) => `comparison ${name}: ${request} has regressed: ${reason}`,
    );
    (blocks ? failures : notes).push(...texts);
    (blocks ? invalid : notes).push(...problems);
    const untold = results.filter(({ answer }) => answer === 'cannot tell');
    // An open loop has its throughput, and mostly no errors, whatever the durations do.
    const told = results.some(({ answer, measure }) => answer !== 'cannot tell' && /^p\d/.test(measure));
    if (told && problems.length === 0 && regressed.length === 0) passed += Number(blocks);
    else if (!told && problems.length === 0)
      (blocks ? invalid : notes).push(`comparison ${name}: no percentile could be told`);
    if (untold.length > 0) notes.push(`comparison ${name}: cannot tell ${untold.map(untoldText).join(', ')}`);
  }
  for (const { objective, freeze, consumed, blocks, texts } of budgets) {
    const text = `error budget of ${objective}: ${texts[0]}`;
    if (freeze) (blocks ? failures : notes).push(text);
    else if (consumed === null) (blocks ? invalid : notes).push(text);
  }
  if (failures.length > 0) return { verdict: 'FAIL', reasons: [...failures, ...invalid, ...notes] };
  if (invalid.length > 0) return { verdict: 'INVALID', reasons: [...invalid, ...notes] };
  if (passed === 0)
    return {
      verdict: 'INVALID',
      reasons: ['nothing that blocks was checked, so nothing is proven', ...notes],
    };
  return { verdict: 'PASS', reasons: notes };
}

/** `p95 of GET /health (about 40 pairs would)` */
function untoldText({ measure, request, needs }: GateResult['comparisons'][number]): string {
  return `${measure} of ${request}${needs === null ? '' : ` (about ${needs.pairs} pairs would)`}`;
}
