import type { LostTime, Standstill } from '../machine/lost-time.ts';
import type { Measurement } from '../objectives/kind.ts';
import { evaluate, type MeterPlan } from '../objectives/kinds/index.ts';
import { type Meter, meterWithout } from '../objectives/meter.ts';
import { listed, many, readableMs } from '../objectives/number-text.ts';
import type { ObjectiveResult } from '../verdict.types.ts';
import { clockText } from './finding.ts';
import type { LoadSpan } from './phases.ts';

/**
 * What the machine that generates the load did is not the target's failure. An objective that is broken is measured a second time
 * without what the machine can have caused; held then, it proves nothing: INVALID. Broken with it and without it stays FAIL, and one
 * that holds with everything is judged as ever: nobody passes by this.
 *
 * - A request is excused from the bound when the machine can have added what is too much: measured v, bound b, lengthened by at most a
 *   (`LostTime`), v >= b and v - a < b. A target that is slow by itself keeps its requests, however the machine fared.
 * - A dropped iteration is excused while what piled up in a stall is made up for: the VUs were busy with that.
 * - A failed request is never excused, nor is what the target lost.
 * - Throughput is measured over the time in which the generator did not stand still.
 */
export function excuseByMachine(input: ExcuseInput): Measurement & Pick<ObjectiveResult, 'byMachine'> {
  const { plan, measurement, meter, excused, lost, phase } = input;
  if (measurement.result !== 'FAIL' || lost === null || excused === null || phase === null)
    return measurement;
  const stillMs = plan.kind === 'throughput' ? lost.stoodStillMs(phase.from, phase.to) : 0;
  const isSame = excused.good + excused.dropped + excused.samples === 0 && stillMs === 0;
  if (isSame) return measurement;
  const second = evaluate(plan, meterWithout(meter, excused), phase.to - phase.from - stillMs);
  if (second.result === 'FAIL') return measurement;
  const rest = second.result === 'PASS' ? 'the objective holds' : 'too little is left to say';
  return {
    ...measurement,
    result: 'INVALID',
    byMachine: true,
    reason: `the machine that generated the load ${whatItDid(lost, phase)}. With that, ${measurement.reason}; without ${withoutWhat(excused, stillMs)}, ${rest}`,
  };
}

export interface ExcuseInput {
  readonly plan: MeterPlan;
  /** With everything. */
  readonly measurement: Measurement;
  readonly meter: Meter;
  /** The part of `meter` that is excused. */
  readonly excused: Meter | null;
  readonly lost: LostTime | null;
  readonly phase: LoadSpan | null;
}

/** A request that succeeded, from `start` to `end` (epoch ms). */
export function isExcused(
  plan: MeterPlan,
  lost: LostTime,
  start: number,
  end: number,
  durationMs: number,
): boolean {
  const below = plan.valuesBelow;
  if (below === null || durationMs < below) return false;
  return durationMs - lost.addedAtMostMs(start, end) < below;
}

/** A sample of a k6 metric, written at `time`: of a duration that ended then, or of a dropped iteration. */
export function isSampleExcused(plan: MeterPlan, lost: LostTime, time: number, value: number): boolean {
  if (plan.from.source === 'metric' && plan.from.metric === 'dropped_iterations')
    return value > 0 && lost.isBehind(time);
  return isExcused(plan, lost, time - value, time, value);
}

/** `stood still for 1.5 s at 12:00:03 UTC (k6 was stopped)`; `was too busy …` when it never did for long. */
export function whatItDid(lost: LostTime, { from, to }: LoadSpan): string {
  const within = lost.standstills.filter((one) => one.to > from && one.from < to);
  const [longest, ...others] = [...within].sort((a, b) => b.lostMs - a.lostMs);
  if (longest === undefined)
    return `was too busy: for ${readableMs(lost.lostMs(from, to))} of ${readableMs(to - from)} k6 wanted to run and could not`;
  return `stood still for ${standstillText(longest)}${more(others)}`;
}

/** `1.5 s at 12:00:03 UTC (k6 was stopped)` */
export function standstillText({ from, lostMs, cause }: Standstill): string {
  return `${readableMs(lostMs)} at ${clockText(from)} (${CAUSES[cause]})`;
}

const CAUSES = {
  late: 'nothing on it ran in time',
  stopped: 'k6 was stopped',
  starved: 'k6 had no processor',
  'link starved': 'squall had no processor for the link that it carries',
};

function more(others: readonly Standstill[]): string {
  if (others.length === 0) return '';
  const sumMs = others.reduce((sum, { lostMs }) => sum + lostMs, 0);
  return ` and ${others.length} more ${others.length === 1 ? 'time' : 'times'} for ${readableMs(sumMs)} in all`;
}

/** `the 3 slow samples and 82 dropped iterations that it can have caused` */
function withoutWhat({ good, dropped, samples }: Meter, stillMs: number): string {
  if (stillMs > 0) return 'that time';
  const parts = [
    ...(good + samples > 0 ? [many(good + samples, 'slow sample')] : []),
    ...(dropped > 0 ? [many(dropped, 'dropped iteration')] : []),
  ];
  return `the ${listed(parts)} that it can have caused`;
}
