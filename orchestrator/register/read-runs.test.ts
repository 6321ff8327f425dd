import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRuns } from './read-runs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'squall-runs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (file: string, data: unknown) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), typeof data === 'string' ? data : JSON.stringify(data));
};
const verdict = {
  schema: 1,
  run: 'run-1',
  drill: 'spike',
  environment: 'staging',
  verdict: 'FAIL',
  endedAt: '2026-11-01T10:00:00.000Z',
  objectives: [
    {
      name: 'p95',
      phase: 'steady',
      target: 'p95 < 1s',
      measured: 3,
      samples: 200,
      result: 'PASS',
      reason: 'ok',
    },
  ],
  faults: [
    {
      name: 'lost',
      expectations: [{ name: 'recoverWithin', target: '10 s', measured: '12 s', result: 'FAIL' }],
    },
  ],
  probes: [
    { name: 'alerted', target: 'an alert within 1 min of lost', measured: 'Lost, after 2 s', result: 'PASS' },
  ],
  writes: {
    acknowledged: 9,
    present: 8,
    lost: 1,
    duplicated: 0,
    lostIds: ['a'],
    result: 'FAIL',
    reason: '1 is lost',
  },
};
const skippedIn = () => readRuns(root).skipped.map(({ file, reason }) => [path.relative(root, file), reason]);

test('a drill: its objectives, expectations, probes and writes', () => {
  put('run-1/verdict.json', verdict);
  put('run-1/journal.jsonl', '');
  const { runs, skipped } = readRuns(root);
  expect(skipped).toEqual([]);
  expect(runs).toHaveLength(1);
  expect(runs[0]).toMatchObject({
    ...{ kind: 'drill', name: 'spike', run: 'run-1', environment: 'staging', verdict: 'FAIL' },
  });
  expect(runs[0]?.rows.map(({ what, name, target, result }) => [what, name, target, result])).toEqual([
    ['objective', 'p95', 'p95 < 1s', 'PASS'],
    ['expectation', 'lost.recoverWithin', '10 s', 'FAIL'],
    ['probe', 'alerted', 'an alert within 1 min of lost', 'PASS'],
    ['writes', 'lost', '= 0', 'FAIL'],
    ['writes', 'duplicated', '= 0', 'PASS'],
  ]);
});

test('a drill that was stopped, and broke a promise: it says why the rest proves nothing', () => {
  const causes = [
    { result: 'FAIL', cause: 'Objective p99: broken.', consequence: null, advice: null, notMeasured: [] },
    { result: 'INVALID', cause: 'It was stopped.', advice: null, wholeRun: true, notMeasured: [] },
  ];
  put('run-1/verdict.json', { ...verdict, causes });
  expect(readRuns(root).runs[0]).toMatchObject({ verdict: 'FAIL', unusable: 'It was stopped.' });
});

test('a drill with other variables than its own says which', () => {
  put('run-1/verdict.json', { ...verdict, vars: { RATE: '100' } });
  expect(readRuns(root).runs[0]).toMatchObject({ verdict: 'FAIL', vars: { RATE: '100' } });
});

test('whom a run told: taken, refused, and nothing to tell', () => {
  put('run-1/verdict.json', verdict);
  put('run-1/integrations.json', {
    schema: 1,
    told: [
      { name: 'grafana', problem: null, sent: 3, of: 3, ms: 10 },
      { name: 'splunk', problem: 'answered 403', sent: 0, of: 1, ms: 10 },
      { name: 'pagerduty', problem: null, sent: 0, of: 0, ms: 0 },
    ],
  });
  const told = readRuns(root).runs[0]?.rows.filter(({ what }) => what === 'told');
  expect(told?.map(({ name, measured, result, reason }) => [name, measured, result, reason])).toEqual([
    ['grafana', '3 of 3 taken', 'PASS', 'grafana: told'],
    ['splunk', '0 of 1 taken', 'FAIL', 'splunk: NOT told: answered 403'],
    ['pagerduty', '0 of 0 taken', 'not measured', 'pagerduty: nothing to tell'],
  ]);
});

test('the summary of a scenario, wherever it lies; its time is in it, else the time of the file', () => {
  const rows = [
    { objective: 'a', target: 'p95 < 1s', measured: 1, samples: 100, result: 'PASS', reason: '' },
    {
      objective: 'b',
      target: '',
      measured: null,
      samples: 0,
      result: 'not measured',
      reason: 'name METRICS',
    },
  ];
  put('nightly/beats.json', { scenario: 'beats', rows, endedAt: '2026-11-02T10:00:00.000Z' });
  put('old.json', { scenario: 'mix', rows });
  utimesSync(path.join(root, 'old.json'), 0, new Date('2026-10-01T00:00:00Z'));
  expect(
    readRuns(root).runs.map(({ kind, name, run, at, verdict: whole }) => [kind, name, run, at, whole]),
  ).toEqual([
    ['scenario', 'beats', 'nightly/beats.json', '2026-11-02T10:00:00.000Z', null],
    ['scenario', 'mix', 'old.json', '2026-10-01T00:00:00.000Z', null],
  ]);
});

test('a gate: its checks, and the runs of its checks below it', () => {
  put('gate-1/gate.json', {
    schema: 1,
    suite: 'release',
    verdict: 'PASS',
    checks: [{ name: 'spike', verdict: 'PASS', blocks: true, run: 'checks/spike' }],
  });
  put('gate-1/checks/spike/verdict.json', verdict);
  put('gate-1/checks/spike/journal.jsonl', '');
  const { runs, skipped } = readRuns(root);
  expect(skipped).toEqual([]);
  expect(runs.map(({ kind, name }) => [kind, name])).toEqual([
    ['drill', 'spike'],
    ['gate', 'release'],
  ]);
  expect(runs[1]?.rows).toMatchObject([{ what: 'check', name: 'spike', result: 'PASS' }]);
});

test('a gate that is judged again is as old as before', () => {
  const gate = { schema: 1, suite: 'release', verdict: 'PASS', checks: [] };
  put('new/gate.json', { ...gate, endedAt: '2026-11-01T10:00:00.000Z' });
  put('older-squall/gate.json', gate);
  put('older-squall/recipe.json.gz', '');
  utimesSync(path.join(root, 'older-squall/recipe.json.gz'), 0, new Date('2026-10-01T00:00:00Z'));
  expect(readRuns(root).runs.map(({ run, at }) => [run, at])).toEqual([
    ['new', '2026-11-01T10:00:00.000Z'],
    ['older-squall', '2026-10-01T00:00:00.000Z'],
  ]);
});

test.each([
  ['cut/verdict.json', JSON.stringify(verdict).slice(0, 300), 'it is not JSON: cut off, or damaged'],
  ['empty/verdict.json', '', 'it is empty'],
  ['future/verdict.json', { ...verdict, schema: 2 }, 'it is not a verdict of squall: schema'],
  ['word/verdict.json', { ...verdict, verdict: 'pass' }, 'it is not a verdict of squall: verdict'],
  ['time/verdict.json', { ...verdict, endedAt: 'yesterday' }, 'it is not a verdict of squall: endedAt'],
  [
    'nan/verdict.json',
    { ...verdict, objectives: [{ ...verdict.objectives[0], measured: 'fast' }] },
    'it is not a verdict of squall: objectives.0.measured',
  ],
  ['k6.json', { metrics: { http_reqs: { count: 3 } } }, "it is k6's own summary"],
  [
    'package.json',
    { name: 'shop', version: '1.0.0' },
    'it is neither a verdict nor the summary of a scenario',
  ],
  ['list.json', [1, 2], 'it is neither a verdict nor the summary of a scenario'],
  ['rows.json', { scenario: 'x', rows: [{ objective: 'a' }] }, 'it is neither a verdict nor the summary'],
])('%s is told, and counts for nothing', (file, data, reason) => {
  put(file, data);
  expect(readRuns(root).runs).toEqual([]);
  expect(skippedIn()).toEqual([[file, expect.stringContaining(reason)]]);
});

test('a run that was never judged is told; nothing else in its directory is looked at', () => {
  put('run-2/journal.jsonl', '');
  put('run-2/k6/summary.json', { metrics: {} });
  expect(skippedIn()).toEqual([['run-2', expect.stringContaining('it has no verdict: squall report ')]]);
});

test('a run counts once, whether it was copied or linked', () => {
  put('run-1/verdict.json', verdict);
  symlinkSync('run-1', path.join(root, 'latest'));
  cpSync(path.join(root, 'run-1'), path.join(root, 'copy'), { recursive: true });
  expect(readRuns(root).runs).toHaveLength(1);
});

test('without a directory nothing is known', () => {
  expect(() => readRuns(path.join(root, 'nowhere'))).toThrow(
    'is no directory: nothing has been measured there',
  );
});

test('of more results than are read the newest count, and it is told', () => {
  mkdirSync(path.join(root, '20261101-old'));
  for (let i = 0; i <= 10_000; i++) writeFileSync(path.join(root, '20261101-old', `${i}.json`), '{}');
  put('20261130-new/verdict.json', verdict);
  const { runs, skipped } = readRuns(root);
  expect(runs.map(({ run }) => run)).toEqual(['run-1']);
  expect(skipped.map(({ reason }) => reason)).toContain(
    'it has more than 10000 results: the last by name were read',
  );
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be read is told, and the others count', () => {
  put('a/verdict.json', verdict);
  mkdirSync(path.join(root, 'b'));
  chmodSync(path.join(root, 'b'), 0);
  const { runs, skipped } = readRuns(root);
  chmodSync(path.join(root, 'b'), 0o700);
  expect(runs).toHaveLength(1);
  expect(skipped[0]?.reason).toContain('EACCES');
});
