import type { Objective } from '../../../thresholds/objective.ts';
import { parsePercent } from '../../../thresholds/units.ts';
import { commonPlan, nothingSeen, type ObjectiveKind, type ObjectivePlan, tooFew } from '../kind.ts';
import { countText } from '../number-text.ts';

export type CounterObjective = Extract<Objective, { counter: string }>;
export type RateObjective = Extract<Objective, { rate: string }>;

export interface CounterPlan extends ObjectivePlan {
  readonly kind: 'counter';
  readonly bounds: readonly Bound[];
}

export interface RatePlan extends ObjectivePlan {
  readonly kind: 'rate';
  readonly bounds: readonly Bound[];
}

interface Bound {
  readonly is: '=' | '<' | '<=' | '>=';
  readonly value: number;
}

/** The sum of a k6 counter, or the number of its samples. */
export const counterKind: ObjectiveKind<CounterObjective, CounterPlan> = {
  plan(objective) {
    const bounds = [
      ...bound('=', objective.equals),
      ...bound('<=', objective.atMost),
      ...bound('>=', objective.atLeast),
    ];
    return {
      ...commonPlan(objective),
      kind: 'counter',
      from: { source: 'metric', metric: objective.counter },
      bounds,
      target: `${objective.counter} ${bounds.map(({ is, value }) => `${is} ${value}`).join(' and ')}`,
    };
  },
  evaluate(plan, { samples, sum }) {
    if (samples === 0 && plan.minSamples > 0) return nothingSeen(plan);
    // A sum only grows: one that is over its bound stays there, however few samples made it.
    const isOver = plan.bounds.some(({ is, value }) => is !== '>=' && sum > value);
    if (samples < plan.minSamples && !isOver) return tooFew(plan, sum, samples);
    const result = plan.bounds.every((one) => keeps(one, sum)) ? 'PASS' : 'FAIL';
    return { measured: sum, samples, result, reason: `the sum is ${countText(sum)}` };
  },
};

/** The share of a k6 rate or check that is true. */
export const rateKind: ObjectiveKind<RateObjective, RatePlan> = {
  plan(objective) {
    const { rate, below, atLeast } = objective;
    const upper = below === undefined ? [] : [{ ...upperBound(below), text: `< ${below}` }];
    const lower = atLeast === undefined ? [] : [{ ...lowerBound(atLeast), text: `>= ${atLeast}` }];
    const bounds = [...upper, ...lower];
    const share = bounds[0]?.value ?? 0;
    return {
      ...commonPlan(objective, Math.min(share, 1 - share)),
      kind: 'rate',
      from: { source: 'metric', metric: rate },
      bounds,
      target: `${rate} ${bounds.map(({ text }) => text).join(' and ')}`,
    };
  },
  evaluate(plan, { samples, nonZero }) {
    if (samples === 0) return nothingSeen(plan);
    const measured = nonZero / samples;
    // As if all that is missing were what the bound asks for: what is broken then is broken whatever comes.
    const missing = Math.max(0, plan.minSamples - samples);
    const atBest = (one: Bound) => (nonZero + (one.is === '>=' ? missing : 0)) / (samples + missing);
    if (missing > 0 && plan.bounds.every((one) => keeps(one, atBest(one))))
      return tooFew(plan, measured, samples);
    const result = plan.bounds.every((one) => keeps(one, measured)) ? 'PASS' : 'FAIL';
    return { measured, samples, result, reason: `${countText(nonZero)} of ${countText(samples)} were true` };
  },
};

function bound(is: Bound['is'], value: number | undefined): Bound[] {
  return value === undefined ? [] : [{ is, value }];
}

function upperBound(share: string): Bound {
  return { is: '<', value: parsePercent(share) };
}

function lowerBound(share: string): Bound {
  return { is: '>=', value: parsePercent(share) };
}

function keeps({ is, value }: Bound, measured: number): boolean {
  switch (is) {
    case '=':
      return measured === value;
    case '<':
      return measured < value;
    case '<=':
      return measured <= value;
    case '>=':
      return measured >= value;
  }
}
