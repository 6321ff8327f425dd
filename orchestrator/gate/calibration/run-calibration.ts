import path from 'node:path';
import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { RefusalError } from '../../refusal.ts';
import { recordingOf } from '../../samples/recording/recording.ts';
import type { Part, PartResult } from '../gate.types.ts';
import { type GateRequest, planAlone, planStarts, refuseIfUp } from '../plan-gate.ts';
import { bothSides } from '../side-by-side/both-sides.ts';
import { readSlots, type Slots } from '../side-by-side/read-slots.ts';
import { calibrateSideBySide } from './calibrate-side-by-side.ts';
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
 * Starts the same code again and again, and says how far the starts differ. `candidate` of the request is what is measured, each start
 * alone; with a `baseline`, a second instance of the same code, both are measured side by side, as many pairs a start as in a gate. Their
 * testbeds must be down, so that each start is a new one.
 * @throws RefusalError before anything is started; Error when a start was not measured as planned
 */
export async function runCalibration(options: CalibrationOptions): Promise<Calibration['comparisons']> {
  const { suite, candidate, directory, baseline, run, stopped, say } = options;
  if (suite.value.compare.length === 0)
    throw new RefusalError(`the suite ${suite.value.name} has nothing to compare`);
  const both = baseline === null ? [candidate] : [baseline, candidate];
  for (const { value } of both)
    if (value.testbed === undefined)
      throw new RefusalError(
        `the environment ${value.name} has no testbed commands, so squall cannot start it again`,
      );
  await refuseIfUp((baseline === null ? candidate : bothSides(baseline, candidate)).value, options.cwd);
  const planned: { comparison: SuiteComparison; parts: Part[] }[] = [];
  for (const comparison of suite.value.compare)
    planned.push({ comparison, parts: await planParts(options, comparison) });
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
    found[comparison.name] = (baseline === null ? calibrate : calibrateSideBySide)(comparison, measured);
  }
  return found;
}

async function planParts(options: CalibrationOptions, comparison: SuiteComparison): Promise<Part[]> {
  const { baseline, starts = CALIBRATION_STARTS } = options;
  const names = Array.from({ length: starts }, (_, start) => `${comparison.name}-start-${start + 1}`);
  if (baseline !== null) {
    const pairs = Math.ceil(comparison.slots.pairs / comparison.restarts);
    const parts = names.map((name) => ({ name, pairs }));
    return (await planStarts(options, baseline, comparison, parts)).starts;
  }
  const parts: Part[] = [];
  for (const name of names) parts.push(await planAlone(options, comparison, name, SLOTS));
  return parts;
}
