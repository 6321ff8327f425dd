import { type MeterPlan, planMeter } from '../samples/objective-meter.ts';
import type { Measurement, Meter } from './objectives.ts';

/**
 * The counter that an objective calls `open` (thresholds/objective.ts), as a plan of its own with the same tags. Over the whole run
 * whatever the phase: it may go up in one phase and down in the next.
 */
export function planDue({ objective }: MeterPlan): MeterPlan | null {
  if (!('counter' in objective) || objective.open === undefined) return null;
  return planMeter({ ...objective, counter: objective.open, phase: 'all' });
}

/** A pass only if nothing that was due is missing, and if somebody has counted that. What was seen to be broken stays broken. */
export function passedIfClosed(measurement: Measurement, due: Meter): Measurement {
  if (measurement.result !== 'PASS') return measurement;
  if (due.samples > 0 && due.sum <= 0) return measurement;
  const missing = due.samples === 0 ? 'nobody counted what was due' : `${due.sum} that were due are missing`;
  return { ...measurement, result: 'INVALID', reason: `${measurement.reason}, but ${missing}` };
}
