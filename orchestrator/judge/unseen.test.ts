import { expect, test } from 'vitest';
import { journaled } from '../../test/reference-target/ground-truth.ts';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import { simulatedCsv, simulatedRun } from '../../test/reference-target/simulated-run.ts';
import projects from '../../thresholds/projects.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;

type Sample = readonly [counter: string, atMs: number, value: number, tag?: string];

/** Results and reasons of the objectives, by name, of a run of 8 s with a fault from 3 to 4 s and these samples of counters. */
async function judge(
  objectives: Parameters<typeof journalOf>[1]['objectives'],
  samples: readonly Sample[],
): Promise<Record<string, string>> {
  const requests = Array.from({ length: 400 }, (_, i) => ({
    start: ZERO + i * 20,
    durationMs: 2,
    failed: false,
  }));
  const lines = samples.map(
    ([counter, atMs, value, tag]) =>
      `${counter},${ZERO + atMs}000000,${value}.000000,,,,,,,,,load,,,,,,${tag ?? ''},\n`,
  );
  const recorded = simulatedRun([simulatedCsv(requests) + lines.join('')], ZERO, ZERO + 1e6);
  const truth = [{ name: 'f', from: ZERO + 3000, to: ZERO + 4000, downtimeMs: 0, outages: 0 }];
  const { faults, events } = journaled(truth);
  const { verdict } = await judgeRun(journalOf(recorded, { objectives, drill: { faults } }, events));
  recorded.remove();
  return Object.fromEntries(verdict.objectives.map((one) => [one.name, `${one.result}: ${one.reason}`]));
}

const lost = { counter: 'lost', equals: 0, open: 'unread' } as const;
const inEachPhase = ['steady', 'fault:f', 'recovery:f', 'all'].map((phase) => ({
  ...lost,
  name: phase,
  phase,
}));

test('a check that is made in a later phase counts', async () => {
  const results = await judge(inEachPhase, [
    ['unread', 1000, 1],
    ['lost', 1500, 0],
    ['unread', 1500, -1],
    ['unread', 2900, 1],
    ['lost', 3500, 0],
    ['unread', 3500, -1],
    ['unread', 3900, 1],
    ['lost', 4500, 0],
    ['unread', 4500, -1],
  ]);
  for (const { name } of inEachPhase) expect(results[name]).toBe('PASS: the sum is 0');
});

test('one that is never had leaves no phase with a pass, and no failure without its name', async () => {
  const results = await judge(
    [...inEachPhase, { ...lost, name: 'broken', counter: 'duplicated' }],
    [
      ['unread', 1000, 1],
      ['lost', 1500, 0],
      ['duplicated', 1500, 1],
      ['unread', 3900, 1],
      ['lost', 4500, 0],
      ['unread', 4500, -1],
    ],
  );
  expect(results).toEqual({
    steady: 'INVALID: the sum is 0, but 1 that were due are missing',
    'fault:f': 'INVALID: no sample of lost was seen in fault:f',
    'recovery:f': 'INVALID: the sum is 0, but 1 that were due are missing',
    all: 'INVALID: the sum is 0, but 1 that were due are missing',
    broken: 'FAIL: the sum is 1',
  });
});

test('only its own tags count, and a counter that nobody counts with proves nothing', async () => {
  const results = await judge(
    [
      { ...lost, name: 'memory', phase: 'all', where: { of: 'memory' } },
      { ...lost, name: 'disk', phase: 'all', where: { of: 'disk' } },
      { ...lost, name: 'misspelt', phase: 'all', open: 'unraed' },
      { ...lost, name: 'surplus', phase: 'all', open: 'miscounted' },
    ],
    [
      ['lost', 1000, 0, 'of=memory'],
      ['unread', 1000, 1, 'of=memory'],
      ['unread', 1000, -1, 'of=memory'],
      ['lost', 1000, 0, 'of=disk'],
      ['unread', 1000, 1, 'of=disk'],
      ['miscounted', 1000, -2],
    ],
  );
  expect(results).toEqual({
    memory: 'PASS: the sum is 0',
    disk: 'INVALID: the sum is 0, but 1 that were due are missing',
    misspelt: 'INVALID: the sum is 0, but nobody counted what was due',
    surplus: 'INVALID: the sum is 0, but 2 more were seen than were due',
  });
});

test('the projects that a load could not read back are not known to be there', async () => {
  const set = projects.map((one) => ({ ...one, phase: 'all' }));
  const written: Sample[] = [
    ['projects_unread', 1000, 1],
    ['projects_uncounted', 1000, 1],
    ['projects_lost', 1100, 0],
    ['projects_unread', 1100, -1],
    ['projects_duplicated', 1200, 0],
    ['projects_uncounted', 1200, -1],
  ];
  expect(await judge(set, written)).toMatchObject({
    'projects.lost-writes': 'PASS: the sum is 0',
    'projects.duplicated-writes': 'PASS: the sum is 0',
  });
  expect(
    await judge(set, [...written, ['projects_unread', 2000, 1], ['projects_uncounted', 2000, 1]]),
  ).toMatchObject({
    'projects.lost-writes': 'INVALID: the sum is 0, but 1 that were due are missing',
    'projects.duplicated-writes': 'INVALID: the sum is 0, but 1 that were due are missing',
  });
});
