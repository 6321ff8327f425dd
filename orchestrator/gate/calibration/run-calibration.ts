import path from 'node:path';
import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { RefusalError } from '../../refusal.ts';
import { recordingOf } from '../../samples/recording/recording.ts';
import type { Part, PartResult } from '../gate.types.ts';
import { type GateRequest, planAlone, refuseIfUp } from '../plan-gate.ts';
import { readSlots, type Slots } from '../side-by-side/read-slots.ts';
import { type Calibration, calibrate } from './calibration.ts';

/** Of the baseline, for each comparison; the standard deviation of ten is right to about a quarter. */
export const CALIBRATION_STARTS = 10;
const SLOTS = 10;

export interface CalibrationOptions extends GateRequest {
  readonly run: (part: Part, directory: string) => Promise<PartResult>;
  readonly stopped: () => boolean;
  readonly say: (text: string) => void;
  /** Left out: ten. */
  readonly starts?: number;
}

/**
 * Starts the same code again and again, measures each start alone, and says how far they differ. `candidate` of the request is what is
 * measured; its testbed must be down, so that each start is a new one.
 * @throws RefusalError before anything is started; Error when a start was not measured as planned
 */
export async function runCalibration(options: CalibrationOptions): Promise<Calibration['comparisons']> {
  const { suite, candidate, directory, run, stopped, say, starts = CALIBRATION_STARTS } = options;
  if (suite.value.compare.length === 0)
    throw new RefusalError(`the suite ${suite.value.name} has nothing to compare`);
  if (candidate.value.testbed === undefined)
    throw new RefusalError(
      `the environment ${candidate.value.name} has no testbed commands, so squall cannot start it again`,
    );
  await refuseIfUp(candidate.value, options.cwd);
  const planned: { comparison: SuiteComparison; parts: Part[] }[] = [];
  for (const comparison of suite.value.compare) {
    const parts: Part[] = [];
    for (let start = 1; start <= starts; start++)
      parts.push(await planAlone(options, comparison, `${comparison.name}-start-${start}`, SLOTS));
    planned.push({ comparison, parts });
  }
  const found: Calibration['comparisons'] = {};
  for (const { comparison, parts } of planned) {
    const measured: Slots[] = [];
    for (const part of parts) {
      if (stopped()) throw new Error('the calibration was asked to stop');
      const own = path.join(directory, part.name);
      const { verdict, reasons } = await run(part, own);
      say(`${part.name}: ${verdict}`);
      if (verdict !== 'PASS') throw new Error(`${part.name} was not measured: ${reasons[0] ?? verdict}`);
      const { slots, problem } = await readSlots(
        recordingOf(path.join(own, 'k6'), 0),
        comparison.slots.length,
      );
      if (problem !== null) throw new Error(`the recording of ${part.name} is not whole: ${problem}`);
      measured.push(slots);
    }
    found[comparison.name] = calibrate(comparison, measured);
  }
  return found;
}
