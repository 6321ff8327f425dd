import type { StopCondition } from '../../chaos/schema/drill.ts';
import { burnRateOf } from '../judge/budget.ts';
import { createMeter } from '../judge/objectives.ts';
import { percentile } from './histogram.ts';
import type { MeterPlan } from './objective-meter.ts';
import { addMeter, type Second, type Seconds } from './seconds.ts';

export interface StopWatch {
  /** Indices of the conditions that have held for their time, judged by whole seconds before `upTo`: the one that fills says nothing yet. */
  breached(upTo: number): number[];
  /** Those that would be breached if all of a silence of this length were errors. `seenMs`: how long the load has run. */
  breachedBySilence(silentMs: number, seenMs: number): number[];
}

/** Holds each second against the conditions once. `first`: the second of the first sample. `meters`: as the slots of `seconds` have them. */
export function watchStops(
  conditions: readonly StopCondition[],
  meters: readonly MeterPlan[],
  seconds: Seconds,
  first: number,
): StopWatch {
  const since: number[] = conditions.map(() => Number.NaN);
  let judgedTo = first;

  function judge(condition: StopCondition, second: number): boolean | null {
    if ('burn' in condition) return burns(condition, second);
    const slot = seconds.get(second);
    return slot === null ? null : breaches(condition, slot);
  }

  /** A burn rate is measured over its window, not second by second: it is known when the window is full. */
  function burns(condition: Extract<StopCondition, { burn: string }>, second: number): boolean | null {
    const windowSeconds = Math.ceil(condition.for / 1000);
    const index = meters.findIndex(({ objective }) => objective.name === condition.burn);
    const plan = meters[index];
    if (!plan || second - windowSeconds + 1 < first) return null;
    const sum = createMeter();
    for (const slot of seconds.between(second - windowSeconds + 1, second)) {
      const meter = slot.meters[index];
      if (meter) addMeter(sum, meter);
    }
    const rate = burnRateOf(plan, sum);
    return rate === null ? null : rate > condition.above;
  }

  return {
    breached(upTo) {
      for (let second = Math.max(judgedTo, upTo - seconds.length + 1); second < upTo; second++) {
        conditions.forEach((condition, i) => {
          const breach = judge(condition, second);
          if (breach === null) return;
          if (!breach) since[i] = Number.NaN;
          else if (Number.isNaN(since[i])) since[i] = second;
        });
      }
      judgedTo = Math.max(judgedTo, upTo);
      return conditions.flatMap((condition, i) =>
        (judgedTo - (since[i] as number)) * 1000 >= holdMs(condition) ? [i] : [],
      );
    },
    breachedBySilence: (silentMs, seenMs) =>
      conditions.flatMap((condition, i) =>
        silentMs > 0 && silentMs >= limitMs(condition, seenMs) ? [i] : [],
      ),
  };

  function limitMs(condition: StopCondition, seenMs: number): number {
    if ('errors' in condition) return condition.for;
    if (!('burn' in condition) || seenMs < condition.for) return Number.POSITIVE_INFINITY;
    const plan = meters.find(({ objective }) => objective.name === condition.burn);
    if (plan?.kind !== 'availability') return Number.POSITIVE_INFINITY;
    // Too fast for the window when this share of it is lost. More than all of it cannot be.
    const share = condition.above * (1 - plan.atLeast);
    return share < 1 ? share * condition.for : Number.POSITIVE_INFINITY;
  }
}

/** How many seconds a stop condition looks back. */
export function lookBackSeconds(condition: StopCondition): number {
  return 'burn' in condition ? Math.ceil(condition.for / 1000) : 0;
}

function holdMs(condition: StopCondition): number {
  // A burn rate has been measured over its time already.
  if ('burn' in condition) return 0;
  return 'for' in condition ? condition.for : Number.POSITIVE_INFINITY;
}

/** Null: the second says nothing about it. */
function breaches(condition: StopCondition, slot: Second): boolean | null {
  if ('errors' in condition) {
    const due = slot.good + slot.failed + slot.dropped;
    return due === 0 ? null : (slot.failed + slot.dropped) / due > condition.above;
  }
  if ('percentile' in condition) {
    const value = percentile(slot.histogram, condition.percentile);
    return value === null ? null : value > condition.above;
  }
  return null;
}
