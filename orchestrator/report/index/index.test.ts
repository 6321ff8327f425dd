import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'parse5';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { verdictJson } from '../verdict-json.ts';
import { MOST_RUNS, readRuns } from './read-runs.ts';
import { trendsOf } from './trends.ts';
import { writeIndex } from './write-index.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'squall-index-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A run of the day given, whose one objective measured `value` ms. */
function keep(
  day: number,
  value: number,
  more: { drill?: string; name?: string; target?: string } = {},
): string {
  const { verdict } = realisticRun('PASS').judgement;
  const startedAt = new Date(Date.UTC(2026, 0, day)).toISOString();
  const [objective] = verdict.objectives;
  const name = more.name ?? `run-${String(day).padStart(3, '0')}`;
  const own = path.join(directory, name);
  mkdirSync(own);
  writeFileSync(
    path.join(own, 'verdict.json'),
    verdictJson({
      ...{ ...verdict, run: name, drill: more.drill ?? 'spike', startedAt },
      objectives: [
        {
          ...(objective as (typeof verdict.objectives)[number]),
          target: more.target ?? 'p50 < 20ms',
          measured: value,
        },
      ],
    }),
  );
  return own;
}

const random = seededRandom(4);
const near = (value: number) => value * (1 + 0.04 * (random() - 0.5));
const page = () => readFileSync(writeIndex(directory).file, 'utf8');

test('a step is named with the run that it began with, and links to its report', () => {
  for (let day = 1; day <= 20; day++) keep(day, near(day < 13 ? 10 : 12));
  const [group] = trendsOf(readRuns(directory).runs);
  expect(group).toMatchObject({ title: 'spike on local', runs: 20 });
  expect(group?.trends[0]?.changes).toMatchObject([
    { run: { run: 'run-013' }, isWorse: true, change: expect.closeTo(0.2, 1) },
  ]);
  expect(page()).toContain('since <a href="./run-013/report.html">run-013</a>');
});

test('one run that is far off is no change, and neither is noise', () => {
  for (let day = 1; day <= 20; day++) keep(day, day === 20 ? 40 : near(10));
  expect(trendsOf(readRuns(directory).runs)[0]?.trends[0]?.changes).toEqual([]);
  expect(page()).toContain('No change was found.');
});

test('ten times as many failures are a change of an availability, and a fall is worse', () => {
  for (let day = 1; day <= 20; day++)
    keep(day, 1 - near(day < 13 ? 0.0001 : 0.001), { target: 'availability >= 99%' });
  const [change] = trendsOf(readRuns(directory).runs)[0]?.trends[0]?.changes ?? [];
  expect(change).toMatchObject({ isWorse: true, after: expect.closeTo(0.999, 4), run: { run: 'run-013' } });
});

test('drills do not mix, and a link to a run is not a run', () => {
  keep(1, 10);
  keep(2, 90, { drill: 'soak' });
  symlinkSync('run-002', path.join(directory, 'latest'));
  expect(trendsOf(readRuns(directory).runs).map(({ title, runs }) => [title, runs])).toEqual([
    ['soak on local', 1],
    ['spike on local', 1],
  ]);
});

test('what was not measured, and what is INVALID, is no point of a trend', () => {
  const own = keep(1, 10);
  const file = path.join(own, 'verdict.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"result": "PASS"', '"result": "INVALID"'));
  expect(trendsOf(readRuns(directory).runs)[0]?.trends[0]?.points).toEqual([]);
});

test('a gate has a row and trends, and its time is that of its recipe', () => {
  const own = path.join(directory, 'gate-1');
  mkdirSync(own);
  const comparison = { name: 'gateway', request: 'GET /', measure: 'p95', answer: 'same', candidate: 12.5 };
  writeFileSync(path.join(own, 'recipe.json.gz'), '');
  utimesSync(path.join(own, 'recipe.json.gz'), 1_800_000_000, 1_800_000_000);
  writeFileSync(
    path.join(own, 'gate.json'),
    JSON.stringify({ suite: 'release', verdict: 'PASS', reasons: [], comparisons: [comparison] }),
  );
  expect(readRuns(directory).runs[0]).toMatchObject({ kind: 'gate', startedAt: '2027-01-15T08:00:00.000Z' });
  expect(page()).toContain('>13 ms<');
});

test('a gate that has no number for its candidate, as an older squall wrote it, is read', () => {
  const own = path.join(directory, 'gate-2');
  mkdirSync(own);
  const comparison = {
    name: 'web',
    request: 'GET /',
    measure: 'p95',
    answer: 'cannot tell',
    candidate: null,
  };
  writeFileSync(
    path.join(own, 'gate.json'),
    JSON.stringify({ suite: 'away', verdict: 'INVALID', reasons: [], comparisons: [comparison] }),
  );
  const { runs, unreadable } = readRuns(directory);
  expect(unreadable).toEqual([]);
  expect(runs.find(({ of }) => of === 'away')).toMatchObject({
    verdict: 'INVALID',
    measures: [{ value: null }],
  });
});

test('what cannot be read is named and costs nothing else; what is no run is left alone', () => {
  keep(1, 10);
  mkdirSync(path.join(directory, 'notes'));
  for (const [name, text] of [
    ['torn', '{"run":'],
    ['old', '{"run": "x"}'],
  ] as const) {
    mkdirSync(path.join(directory, name));
    writeFileSync(path.join(directory, name, 'verdict.json'), text);
  }
  const { runs, unreadable } = readRuns(directory);
  expect(runs).toHaveLength(1);
  expect(unreadable.map((one) => one.directory).sort()).toEqual(['old', 'torn']);
  expect(page()).toContain('Could not be read');
});

test('an index is bounded, and says what it leaves out', () => {
  for (let i = 0; i < MOST_RUNS + 3; i++) mkdirSync(path.join(directory, `d${i}`));
  expect(readRuns(directory).leftOut).toBe(3);
  keep(1, 10);
  expect(page()).toContain('4 older directories are left out');
});

test('names from outside stay text and paths, and nothing but the page is left', () => {
  keep(1, 10, { name: '"><script>alert(1)<', drill: 'a</td><script>' });
  keep(2, 10, { name: 'javascript:alert(1)' });
  const text = page();
  parse(text, { onParseError: (error) => expect(error).toBeNull() });
  expect(text).not.toContain('<script');
  expect(text).toContain('href="./javascript%3Aalert(1)/report.html"');
  expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
});
