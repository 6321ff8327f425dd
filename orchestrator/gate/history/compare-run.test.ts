import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { comparison } from '../fixtures/comparison.ts';
import { compareRun } from './compare-run.ts';
import { keepRun, type RunRecord, readHistory, recordOf, thisMachine } from './run-record.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-history-'));
afterAll(() => rmSync(directory, { recursive: true }));

const random = seededRandom(3);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function run(day: number, factor = 1, failed = 0, names = ['GET /']): RunRecord {
  const own = factor * Math.exp(0.01 * normal());
  const durationsUs = () =>
    Array.from({ length: 2_000 }, () => Math.round(20_000 * own * Math.exp(0.3 * normal())));
  return {
    schema: 1,
    comparison: 'gateway',
    at: `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`,
    load: { script: 'load.js', vars: comparison.vars, slots: comparison.slots },
    machine: thisMachine(),
    requests: Object.fromEntries(names.map((name) => [name, { durationsUs: durationsUs(), failed }])),
  };
}
const past = Array.from({ length: 8 }, (_, i) => run(i + 1));
const answers = (candidate: RunRecord, history = past) =>
  Object.fromEntries(
    compareRun(comparison, history, candidate).results.map(({ measure, answer }) => [measure, answer]),
  );

test('a quarter more is a regression, a quarter less an improvement, and failures are seen', () => {
  expect(answers(run(9, 1.25))).toMatchObject({ p50: 'regressed', p95: 'regressed' });
  expect(answers(run(9, 0.75))).toMatchObject({ p50: 'improved' });
  expect(answers(run(9, 1, 40))).toMatchObject({ errors: 'regressed' });
  expect(Object.values(answers(run(9)))).not.toContain('regressed');
});

test.each<[string, RunRecord[], RunRecord, string]>([
  ['too few', past.slice(0, 4), run(9), 'the baseline has 4 of at least 5 runs'],
  [
    'another kind of machine',
    past.map((one) => ({ ...one, machine: { ...one.machine, cpus: 999 } })),
    run(9),
    '(8 more are of another kind of machine)',
  ],
  [
    'another load',
    past.map((one) => ({ ...one, load: { ...one.load, vars: { RATE: '100' } } })),
    run(9),
    '(8 more are of another load)',
  ],
  ['covers less', past, run(9, 1, 0, ['GET /', 'POST /']), 'POST / is in 0 of the 8 runs of the baseline'],
  ['nothing seen', past, run(9, 1, 0, []), 'no request GET / was seen'],
  ['nothing on both sides', [], run(9, 1, 0, []), 'no request was seen'],
  [
    'covers more',
    past.map((one) => ({ ...one, requests: { ...one.requests, ...run(1, 1, 0, ['PUT /']).requests } })),
    run(9),
    'no request PUT / was seen; seen: GET /',
  ],
])('a baseline with %s is a problem', (_, history, candidate, said) => {
  expect(compareRun(comparison, history, candidate).problems.join('\n')).toContain(said);
});

test('an outage in the past costs the runs that had it, and not the gates after it', () => {
  const out = (day: number): RunRecord => ({
    ...run(day),
    requests: { 'GET /': { durationsUs: [], failed: 2_000 } },
  });
  const after = [...past.slice(0, 7), out(8)];
  const { problems, results } = compareRun(comparison, after, run(9, 1.25));
  expect(problems).toEqual([]);
  expect(results[0]).toMatchObject({ measure: 'p50', answer: 'regressed', pairs: 7 });
  const few = compareRun(comparison, [...past.slice(0, 4), out(5)], run(9));
  expect(few.problems).toEqual([
    'comparison gateway: GET / was answered in 4 of the 5 runs of the baseline: it takes 5',
  ]);
  // A candidate without an answer has no durations, and no number stands for them.
  expect(compareRun(comparison, past, out(9)).results).toEqual([
    expect.objectContaining({ measure: 'errors', answer: 'regressed' }),
  ]);
});

test('a request that is never where a slot is looked at is a problem', () => {
  const record = recordOf(comparison, new Map([['GET /late', new Map()]]), '');
  expect(record.requests).toEqual({});
  const candidate = { ...run(9), outside: record.outside ?? [] };
  const { problems } = compareRun(comparison, past, candidate);
  expect(problems.join('\n')).toContain('GET /late always begins in the warm-up, after its slot has ended');
});

test('a run that was kept is read again as it was, the oldest first', () => {
  const kept = path.join(directory, 'kept');
  expect(readHistory(kept)).toEqual([]);
  for (const one of [past[2], past[0], past[1]]) keepRun(kept, one as RunRecord);
  expect(readHistory(kept)).toEqual(past.slice(0, 3));
  writeFileSync(path.join(kept, 'x.run.json.gz'), 'torn');
  expect(() => readHistory(kept)).toThrow('is not a run that this squall has kept');
});
