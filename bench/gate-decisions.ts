import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { machineDoubt } from '../orchestrator/gate/machine-doubt.ts';
import { readSlots, type Slot, type Slots } from '../orchestrator/gate/side-by-side/read-slots.ts';
import type { Side } from '../orchestrator/gate/side-by-side/slot-order.ts';
import { readJournal } from '../orchestrator/journal/read-journal.ts';
import { journalOf } from '../orchestrator/journal/run-directory.ts';
import { recordingOf } from '../orchestrator/samples/recording/recording.ts';
import { seededRandom } from '../orchestrator/statistics/random.ts';
import { outcome } from '../orchestrator/verdict-shapes.ts';
import { type Harm, harmed, type Session } from './gate-noise.ts';
import { comparison, STARTS } from './gate-starts.ts';

/** What `squall gate` has recorded for one decision, all starts measured as planned. */
export interface WholeDecision {
  readonly seed: number;
  /** When it was written, epoch ms. */
  readonly at: number;
  readonly starts: Slots[];
  /** Why the machine was not able to measure it; null: it was. */
  readonly doubt: string | null;
}

const gateFile = z.object({ seed: z.int() });
const verdictFile = z.object({ verdict: outcome });

/** A start of it is not there, or was not measured as planned. */
export type BrokenDecision = Pick<WholeDecision, 'seed' | 'at'> & { readonly starts: null };

/** @param directory of a gate that has ended */
export async function readDecision(directory: string): Promise<WholeDecision | BrokenDecision> {
  const file = path.join(directory, 'gate.json');
  const { seed } = gateFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const at = statSync(file).mtimeMs;
  const broken = { seed, at, starts: null };
  const starts: Slots[] = [];
  const journals: ReturnType<typeof readJournal>['lines'][] = [];
  for (let start = 1; start <= STARTS; start++) {
    const own = path.join(directory, `${comparison.name}-${start}`);
    const verdict = path.join(own, 'verdict.json');
    if (!existsSync(verdict)) return broken;
    if (verdictFile.parse(JSON.parse(readFileSync(verdict, 'utf8'))).verdict !== 'PASS') return broken;
    const { slots, problem } = await readSlots(recordingOf(path.join(own, 'k6'), 0), comparison.slots.length);
    if (problem !== null) return broken;
    starts.push(slots);
    journals.push(readJournal(journalOf(own)).lines);
  }
  return { seed, at, starts, doubt: machineDoubt(journals) };
}

/** The same starts with harm added to what was recorded of the candidate. What a slower target does to its queues is not in it. */
export function withHarm(starts: readonly Slots[], harm: Harm, seed: number): Slots[] {
  const random = seededRandom(seed);
  const changed = ({ side, durations, failed }: Slot & { side: Side }) => {
    if (side === 'baseline') return { side, durations, failed };
    const fails = durations.map(() => harm.failsOneIn !== undefined && random() < 1 / harm.failsOneIn);
    return {
      side,
      durations: durations.filter((_, i) => !fails[i]).map((ms) => harmed(ms, harm, random)),
      failed: [...failed.filter((one) => one === 1), ...fails.map(Number)],
    };
  };
  return starts.map(
    (slots) =>
      new Map(
        [...slots].map(([name, ofName]) => [
          name,
          new Map([...ofName].map(([number, slot]) => [number, changed(slot)])),
        ]),
      ),
  );
}

/** The slots of one request as the usual rules take them: all starts in one. */
export function asSession(starts: readonly Slots[], request: string): Session {
  const all = starts.flatMap((slots) => [...(slots.get(request)?.values() ?? [])]);
  const of = (wanted: Side, what: 'durations' | 'failed') =>
    all.filter(({ side }) => side === wanted).map((slot) => slot[what]);
  return {
    baseline: of('baseline', 'durations'),
    candidate: of('candidate', 'durations'),
    baselineFailed: of('baseline', 'failed'),
    candidateFailed: of('candidate', 'failed'),
  };
}

/** As if the baseline had been measured alone. */
export function baselineAlone(slots: Slots): Slots {
  return new Map(
    [...slots].map(([name, ofName]) => [
      name,
      new Map([...ofName].filter(([, { side }]) => side === 'baseline')),
    ]),
  );
}
