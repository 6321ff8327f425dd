import type { StopCondition } from '../../../chaos/schema/drill.ts';
import { burnRateOf } from '../../objectives/error-budget.ts';
import type { MeterPlan } from '../../objectives/kinds/index.ts';
import { addMeter, createMeter } from '../../objectives/meter.ts';
import { percentile } from '../../statistics/histogram.ts';
import type { Second, Seconds } from './seconds.ts';

export interface StopWatch {
  /** Indices of the conditions that have held for their time, judged by whole seconds before `upTo`: the one that fills says nothing yet. */
  breached(upTo: number): number[];
  /** Those that are breached if all that a silence has swallowed is counted as failed. */
  breachedBySilence(silence: Silence): number[];
}

export interface Silence {
  readonly silentMs: number;
  /** Until when it has lasted. */
  readonly upTo: number;
  /** How many requests may be open: those of users who wait, or all that have arrived since. */
  readonly open: number;
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
  function burns(
    condition: Extract<StopCondition, { burn: string }>,
    second: number,
    open = 0,
  ): boolean | null {
    const windowSeconds = Math.ceil(condition.for / 1000);
    const index = meters.findIndex(({ objective }) => objective.name === condition.burn);
    const plan = meters[index];
    if (!plan || second - windowSeconds + 1 < first) return null;
    const sum = createMeter();
    sum.failed = open;
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
    breachedBySilence: (silence) =>
      conditions.flatMap((condition, i) => (isBreachedBy(condition, silence) ? [i] : [])),
  };

  function isBreachedBy(condition: StopCondition, { silentMs, upTo, open }: Silence): boolean {
    if ('errors' in condition) return silentMs >= condition.for;
    return 'burn' in condition && burns(condition, Math.floor(upTo / 1000), open) === true;
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
