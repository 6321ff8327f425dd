import type {
  BudgetResult,
  FaultResult,
  ObjectiveResult,
  Outcome,
  ProbeResult,
  WritesResult,
} from '../verdict.types.ts';

/** What the verdict is made of: the parts that were measured, and what is wrong with the run as a whole. */
export interface VerdictInput {
  readonly objectives: readonly ObjectiveResult[];
  readonly faults: readonly FaultResult[];
  readonly probes: readonly ProbeResult[];
  readonly writes: WritesResult | null;
  readonly budget: readonly BudgetResult[];
  readonly findings: readonly Finding[];
}

/** Something about the run itself that breaks an objective (FAIL), makes it prove nothing (INVALID), or should be known (NOTE). A sentence. */
export interface Finding {
  readonly result: 'FAIL' | 'INVALID' | 'NOTE';
  readonly text: string;
}

export interface Decision {
  readonly verdict: Outcome;
  readonly reasons: readonly string[];
}

/**
 * Fail beats invalid beats pass. A run without a single thing that passed proves nothing. Pure, and independent of the order of
 * what goes in except for the order of the reasons.
 */
export function decide(input: VerdictInput): Decision {
  const parts = partsOf(input);
  const failed = parts.filter((part) => part.result === 'FAIL').map((part) => part.text);
  const invalid = parts.filter((part) => part.result === 'INVALID').map((part) => part.text);
  const notes = parts.filter((part) => part.result === 'NOTE').map((part) => part.text);
  if (failed.length > 0) return { verdict: 'FAIL', reasons: [...failed, ...invalid, ...notes] };
  if (invalid.length > 0) return { verdict: 'INVALID', reasons: [...invalid, ...notes] };
  const proven = [...parts.filter((part) => part.result === 'PASS').map((part) => part.text), ...notes];
  if (input.objectives.length === 0)
    return { verdict: 'INVALID', reasons: ['Nothing was promised, so nothing was proven.'] };
  return { verdict: 'PASS', reasons: proven };
}

/** The worst of several; PASS without any. */
export function worst(results: readonly Outcome[]): Outcome {
  if (results.includes('FAIL')) return 'FAIL';
  return results.includes('INVALID') ? 'INVALID' : 'PASS';
}

interface Part {
  readonly result: Outcome | 'NOTE';
  readonly text: string;
}

/** Most important first: the run as a whole (that it was stopped explains the rest), writes, objectives, faults, probes. */
function partsOf({ objectives, faults, probes, writes, findings }: VerdictInput): Part[] {
  return [
    ...findings.map(({ result, text }) => ({ result, text })),
    ...(writes ? [{ result: writes.result, text: `Writes: ${writes.reason}.` }] : []),
    ...objectives.map((o) => ({
      result: o.result,
      text: `Objective ${o.name} (${o.target}, ${o.phase}): ${o.reason}.`,
    })),
    ...faults.map((f) => ({
      result: f.result,
      text: `Fault ${f.name} (${f.kind} of ${f.component}): ${f.reason}.`,
    })),
    ...probes.map((p) => ({ result: p.result, text: `Probe ${p.name} (${p.target}): ${p.measured}.` })),
  ];
}
