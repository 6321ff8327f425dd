import type { Suite } from '../../chaos/schema/suite.ts';
import { RefusalError } from '../refusal.ts';
import type { GatePlan, Part } from './gate.types.ts';

/** Start and end of k6, the last iterations, the verdict and its report. */
const PER_PART_MS = 6_000;
/** A testbed that comes up and goes down. */
const PER_TESTBED_MS = 25_000;

/**
 * How long the gate takes, computed beforehand: what the scripts and slots say, plus an allowance for what is around them.
 * @throws RefusalError when that is more than the budget of the suite, or cannot be known
 */
export function checkBudget({ budget }: Pick<Suite, 'budget'>, plan: GatePlan): number {
  const parts = [...plan.checks, ...plan.comparisons.flatMap(({ starts }) => starts)];
  const endless = parts.find((part) => lengthOf(part) === null);
  if (endless !== undefined)
    throw new RefusalError(
      `how long ${endless.name} takes cannot be known: only its iterations bound it. Give its script a duration`,
    );
  const total = parts.reduce((sum, part) => sum + Number(lengthOf(part)), 0);
  if (total > budget) {
    const shares = parts.map((part) => `${part.name} ${seconds(Number(lengthOf(part)))}`).join(', ');
    throw new RefusalError(
      `the budget of ${seconds(budget)} is too small: the suite takes ${seconds(total)} (${shares}). Raise the budget, or shorten what takes longest`,
    );
  }
  return total;
}

function lengthOf({ plan }: Part): number | null {
  const durations = plan.loads.map(({ durationMs }) => durationMs);
  if (durations.includes(null)) return null;
  const testbed = plan.environment.testbed === undefined ? 0 : PER_TESTBED_MS;
  return Math.max(...durations.map(Number)) + PER_PART_MS + testbed;
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
