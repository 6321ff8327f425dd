import type { Measurement } from '../objectives/kind.ts';
import { type MeterPlan, planMeter } from '../objectives/kinds/index.ts';
import type { Meter } from '../objectives/meter.ts';

/**
 * The counter that an objective calls `open` (thresholds/objective.ts), as a plan of its own with the same tags. Over the whole run
 * whatever the phase: it may go up in one phase and down in the next.
 */
export function planOpen({ objective }: MeterPlan): MeterPlan | null {
  if (!('counter' in objective) || objective.open === undefined) return null;
  return planMeter({ ...objective, counter: objective.open, phase: 'all' });
}

/** A pass only if nothing that was due went unseen, and if somebody has counted that. What was seen to be broken stays broken. */
export function passedIfSeen(measurement: Measurement, open: Meter): Measurement {
  if (measurement.result !== 'PASS') return measurement;
  if (open.samples > 0 && open.sum === 0) return measurement;
  return { ...measurement, result: 'INVALID', reason: `${measurement.reason}, but ${whatIsWrong(open)}` };
}

function whatIsWrong({ samples, sum }: Meter): string {
  if (samples === 0) return 'nobody counted what was due';
  return sum > 0 ? `${sum} that were due are missing` : `${-sum} more were seen than were due`;
}
