import type { Objective, ObjectiveSet } from '../../../thresholds/objective.ts';
import { parseRatePerSecond } from '../../../thresholds/units.ts';
import type { NotMeasured } from '../objectives/types.ts';

/**
 * Iterations a second to start so that `rate` good requests a second can be measured: 1 % more, because a load of exactly 1000 a
 * second with a single failure can never show 1000 good ones.
 */
export const offeredFor = (rate: number): number => {
  return Math.ceil(rate * 1.01);
};

/**
 * Splits objectives into those that a load of `rate` requests a second can measure, and those that it cannot, with the reason: a
 * throughput above the load.
 */
export const within = (
  rate: number,
  objectives: ObjectiveSet,
): { measured: ObjectiveSet; notMeasured: NotMeasured[] } => {
  const above = (objective: Objective) =>
    'throughput' in objective && parseRatePerSecond(objective.atLeast) > rate;
  return {
    measured: objectives.filter((objective) => !above(objective)),
    notMeasured: objectives
      .filter(above)
      .map(({ name }) => ({ name, reason: `only ${rate} requests a second are offered (-e RATE)` })),
  };
};
