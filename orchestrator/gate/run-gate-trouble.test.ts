import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordingFrom, simulatedCsv } from '../../test/reference-target/simulated-run.ts';
import { type ActiveRun, EnvironmentBusyError } from '../recovery/active-run.ts';
import { recordingOf } from '../samples/recording/recording.ts';
import { comparison } from './fixtures/comparison.ts';
import type { GatePlan, PartResult } from './gate.types.ts';
import { checkKeepable, type RunRecord, recordOf } from './history/run-record.ts';
import { runGate } from './run-gate.ts';

const ZERO = 1_790_000_000_000;

function workshop(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-run-gate-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

function passed(directory: string): PartResult {
  return { verdict: 'PASS', reasons: [], directory, residue: [] };
}

test('a run that cannot be kept has its verdict all the same', async () => {
  const directory = workshop();
  const durations = Array.from({ length: 200 }, (_, i) => 5 + (i % 10));
  const past = Array.from({ length: 5 }, (_, i): RunRecord => {
    const slots = new Map([[0, { side: 'candidate' as const, durations, failed: durations.map(() => 0) }]]);
    return recordOf(comparison, new Map([['GET /', slots]]), `2026-11-0${i + 1}T10:00:00.000Z`);
  });
  const run = (_: unknown, own: string) => {
    const requests = durations.map((durationMs, i) => ({ start: ZERO + 400 + i, durationMs, failed: false }));
    const csv = simulatedCsv(requests).replaceAll(/^(http_.*),,$/gm, `$1,squall_slot=0.candidate.${ZERO},`);
    mkdirSync(path.join(own, 'k6'), { recursive: true });
    writeFileSync(recordingOf(path.join(own, 'k6'), 0), recordingFrom(csv));
    return Promise.resolve(passed(own));
  };
  const plan: GatePlan<{ name: string }> = {
    ...{ suite: 'mine', seed: 1, checks: [] },
    comparisons: [{ comparison, starts: [{ name: 'gateway' }], notes: [], history: past, between: null }],
  };
  const keep = () => {
    throw new Error('EACCES: permission denied');
  };
  const { comparisons, reasons } = await runGate({
    ...{ plan, directory, run, keep, stopped: () => false, say: () => {} },
  });
  expect(reasons).toContain('comparison gateway: this run was not kept: EACCES: permission denied');
  expect(comparisons.map(({ measure }) => measure)).toContain('p50');
});

test('a history that cannot be written is refused before anything is measured', () => {
  const directory = workshop();
  writeFileSync(path.join(directory, 'file'), '');
  expect(() => checkKeepable(path.join(directory, 'file', 'history'))).toThrow('no run could be kept in');
  expect(() => checkKeepable(path.join(directory, 'history'))).not.toThrow();
});

const active: ActiveRun = {
  ...{ run: 'other', environment: 'lab', environmentFile: 'lab.yaml', directory: '/tmp/other' },
  ...{ owner: { pid: 1, startTicks: '1', bootId: 'x' } as never, guardian: null },
};

test.each([
  [true, []],
  [false, [{ what: 'run other', command: 'squall recover other' }]],
])(
  'an environment that is taken after a part has run is INVALID, with a report (alive: %s)',
  async (alive, residue) => {
    const busy = new EnvironmentBusyError(active, alive);
    const gate = (names: readonly string[]) =>
      runGate({
        plan: {
          suite: 'mine',
          seed: 1,
          checks: names.map((name) => ({ name, blocks: true })),
          comparisons: [],
        },
        ...{ directory: workshop(), stopped: () => false, say: () => {} },
        run: ({ name }, own) => (name === 'taken' ? Promise.reject(busy) : Promise.resolve(passed(own))),
      });
    const found = await gate(['first', 'taken']);
    expect(found).toMatchObject({ verdict: 'INVALID', residue });
    expect(found.reasons[0]).toContain('check taken: INVALID: ');
    await expect(gate(['taken', 'first'])).rejects.toBe(busy);
  },
);
