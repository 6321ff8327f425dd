import { afterAll, describe, expect, test } from 'vitest';
import type { JournalEvent, JournalLine } from '../../orchestrator/journal/events.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { lostTimeOf } from '../../orchestrator/machine/lost-time.ts';
import { exchangeCostMicros } from '../../orchestrator/tools/exchange-cost.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { anyK6 } from '../k6.ts';
import { runTrueDrill, type TrueDrill, type TrueDrillOptions } from './drill-truth.ts';
import { differences } from './ground-truth.ts';
import { recordFirst } from './record-first.ts';

const k6 = await anyK6();
const DETECTION_BOUND_MS = 5;
/** On a machine where a small exchange takes this long; where it takes longer, so does everything that squall does. */
const LATE_BOUND_MS = 50;
const REFERENCE_MICROS = 60;
/** Where it takes so long, two cores are full with 1000 requests a second, and everything is late. */
const SLOW_MICROS = 150;

const exchangeMicros = k6 === null ? REFERENCE_MICROS : await exchangeCostMicros();
const carried = exchangeMicros > SLOW_MICROS ? 250 : 1000;
const lateBoundMs = LATE_BOUND_MS * Math.max(1, exchangeMicros / REFERENCE_MICROS);

const ofProcesses = {
  rate: carried,
  seconds: 9,
  over: 'server',
  faults: [
    fault('killed', 'kill', 'server', '3s', { params: { lastHealthy: true } }),
    fault('frozen', 'freeze', 'server', '6s', { for: '600ms', params: { lastHealthy: true } }),
  ],
} as const;
const overTheLink = {
  rate: 200,
  seconds: 9,
  over: 'link',
  faults: [
    fault('cut', 'partition', 'link', '3s', { for: '600ms', params: { mode: 'blackhole' } }),
    fault('refused', 'partition', 'link', '6s', {
      for: '500ms',
      params: { mode: 'refuse' },
      expect: { detectWithin: '1s' },
    }),
  ],
  alertDuring: 'refused',
  alertFor: 'link',
} as const;

describe.skipIf(k6 === null).each<[string, Omit<TrueDrillOptions, 'k6'>]>([
  [`processes at ${carried} requests a second`, ofProcesses],
  ['a link at 200 requests a second', overTheLink],
])('a drill with real faults of %s', (_title, options) => {
  let drill: TrueDrill;
  recordFirst(async (again) => {
    drill?.remove();
    const outcome = await runTrueDrill({ ...options, k6: k6 as NonNullable<typeof k6> }, again ? 9 : 3);
    if ('tooBusy' in outcome) return outcome.tooBusy;
    drill = outcome;
    return '';
  });
  afterAll(() => drill?.remove());

  test('each fault goes in at most 50 ms after it was due, or as much longer as this machine takes longer', () => {
    const machine = lostTimeOf(
      drill.lines.flatMap(({ event }) => (event.type === 'machine' ? event.stalls : [])),
    );
    for (const { name } of options.faults) {
      const { dueAt } = eventOf(drill.lines, 'fault-injecting', name);
      const { evidence } = eventOf(drill.lines, 'fault-injected', name);
      // What the machine took from whoever wanted to run is not squall's delay.
      const tookMs = machine.lostMs(dueAt - lateBoundMs, evidence.at);
      expect(evidence.at - dueAt - tookMs, name).toBeLessThanOrEqual(lateBoundMs);
      expect(evidence.at, name).toBeGreaterThanOrEqual(dueAt - 1);
    }
  });

  test('the evidence has the times of the target’s own record, within the uncertainty that the report states', () => {
    expect(evidenceDifferences(drill)).toEqual([]);
  });

  // What piled up behind a freeze or a cut goes through first. Users wait longer for it than the bound, which is not an error.
  test.skipIf(options.over === 'server')(
    'so has the downtime that the users saw of a link that refused',
    () => {
      const truth = drill.truth.filter(({ name }) => name === 'refused');
      expect(truth).toHaveLength(1);
      expect(differences(drill.result.verdict.faults, truth, drill.bound)).toEqual([]);
    },
  );

  test('evidence by a clock that is off by 100 ms is noticed', () => {
    for (const off of [-100, 100]) expect(evidenceDifferences(drill, off)).not.toEqual([]);
  });

  test.skipIf(!('alertDuring' in options))(
    'detection is the arrival of the alert; a receiver that looks once a second is noticed',
    async () => {
      const { alertSentAt, result } = drill;
      expect(alertSentAt).not.toBeNull();
      const off = ({ faults }: Verdict) =>
        Date.parse(faults.find(({ name }) => name === options.alertDuring)?.detectedAt ?? '') -
        (alertSentAt as number);
      expect(Math.abs(off(result.verdict))).toBeLessThanOrEqual(DETECTION_BOUND_MS);
      // What such a receiver would have recorded, polling so that the alert came half a second before a poll.
      const polled = drill.lines.map((line): JournalLine => {
        if (line.event.type !== 'alert') return line;
        const alert = { ...line.event.alert, receivedAt: line.event.alert.receivedAt + 500 };
        return { ...line, event: { ...line.event, alert } };
      });
      const { verdict } = await judgeRun({ directory: result.directory, lines: polled, damage: null });
      expect(Math.abs(off(verdict))).toBeGreaterThan(DETECTION_BOUND_MS);
    },
  );
});

/** Where evidence, by a clock that is off by this much, and the target's record differ by more than their stated uncertainties. */
function evidenceDifferences({ result, truth }: TrueDrill, clockOffMs = 0): string[] {
  return truth.flatMap(({ name, from, to, knownWithinMs, beganWithinMs }) => {
    const fault = faultOf(result.verdict, name);
    const check = (
      what: string,
      said: string | null,
      toleranceMs: number,
      was: number,
      knownWithin: number,
    ) => {
      const off = Date.parse(said ?? '') + clockOffMs - was;
      return Math.abs(off) <= toleranceMs + knownWithin
        ? []
        : [
            `${name}: ${what} is off by ${off.toFixed(1)} ms (stated: ${toleranceMs}, known within: ${knownWithin})`,
          ];
    };
    return [
      ...check('injected', fault.injectedAt, fault.injectedToleranceMs, from, knownWithinMs + beganWithinMs),
      ...check('removed', fault.removedAt, fault.removedToleranceMs, to, knownWithinMs),
    ];
  });
}

function faultOf(verdict: Verdict, name: string): Verdict['faults'][number] {
  const found = verdict.faults.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no fault ${name}`);
  return found;
}

function eventOf<T extends 'fault-injecting' | 'fault-injected'>(
  lines: readonly JournalLine[],
  type: T,
  name: string,
): Extract<JournalEvent, { type: T }> {
  const found = lines.find(({ event }) => event.type === type && 'fault' in event && event.fault === name);
  if (found === undefined) throw new Error(`no ${type} of ${name}`);
  return found.event as Extract<JournalEvent, { type: T }>;
}

function fault(name: string, kind: string, component: string, at: string, more: object) {
  return { name, kind, component, at, ...more };
}
