import { parse } from 'parse5';
import { expect, test } from 'vitest';
import { runFacts } from '../facts.ts';
import { realisticRun } from '../fixtures/realistic.ts';
import { timelineData } from '../html/timeline-data.ts';
import { compareDrills, TWO_RUNS } from './compare-drills.ts';
import { compareHtml } from './html.ts';
import { compareMarkdown, compareTerminal } from './text.ts';

function judged(outcome: 'PASS' | 'FAIL' | 'INVALID') {
  const { judgement, run } = realisticRun(outcome);
  const facts = runFacts(run);
  return { verdict: judgement.verdict, facts, timeline: timelineData(judgement, facts) };
}
const [pass, fail, invalid] = [judged('PASS'), judged('FAIL'), judged('INVALID')];
const rowsOf = (a: typeof pass, b: typeof pass) =>
  new Map(compareDrills(a, b).rows.map((row) => [row.name, row]));

test('a run beside itself has no difference, and only the standing note', () => {
  const { rows, notes } = compareDrills(pass, pass);
  expect(notes).toEqual([TWO_RUNS]);
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter(({ outcome, change }) => outcome !== 'same' || (change ?? 0) !== 0)).toEqual([]);
});

test('a promise that was broken is worse, the other way round it is better', () => {
  const [worse, better] = [rowsOf(pass, fail), rowsOf(fail, pass)];
  expect(worse.get('primary-lost: result')).toMatchObject({
    aResult: 'PASS',
    bResult: 'FAIL',
    outcome: 'worse',
  });
  expect(better.get('primary-lost: result')?.outcome).toBe('better');
  expect(worse.get('lost writes')).toMatchObject({ a: 0, b: 2, change: null });
});

test('what is not known is neither worse nor better', () => {
  const { notes } = compareDrills(pass, invalid);
  expect(rowsOf(pass, invalid).get('sessions-failover: result')?.outcome).toBe('changed');
  expect(notes.join('\n')).toContain('B is INVALID, so it proves nothing');
  expect(notes.join('\n')).toContain('B was stopped before its end: SIGINT');
});

test('an objective whose bound was moved is another promise', () => {
  const rows = rowsOf(pass, fail);
  const name = 'projects.create.latency.p95 (fault:primary-lost): p95 <';
  expect(rows.get(`${name} 2s`)?.outcome).toBe('only in A');
  expect(rows.get(`${name} 500ms`)?.outcome).toBe('only in B');
});

test('other drills and environments are compared, and that is said', () => {
  const other = { ...pass, verdict: { ...pass.verdict, drill: 'soak', environment: 'lab', phases: [] } };
  const { notes, rows } = compareDrills(pass, other);
  expect(notes.slice(0, 2)).toEqual([
    'Not the same drill: A has spike, B has soak.',
    'Not the same environment: A has local, B has lab.',
  ]);
  expect(rows.find(({ name }) => name === 'steady: p95')?.outcome).toBe('only in A');
  expect(rows.find(({ name }) => name.startsWith('gateway.latency.p95'))?.outcome).toBe('same');
});

test('a change is counted from A, and a percentage has its sign', () => {
  const slower = {
    ...pass,
    verdict: {
      ...pass.verdict,
      phases: pass.verdict.phases.map((phase) => ({ ...phase, p95: (phase.p95 ?? 0) * 1.5 })),
    },
  };
  expect(rowsOf(pass, slower).get('steady: p95')?.change).toBeCloseTo(0.5, 9);
  expect(compareTerminal(compareDrills(pass, slower), { width: 120 })).toMatch(/steady: p95 .*\+50 %/);
});

test('text from outside stays text in every form', () => {
  const hostile = '</td><script>alert(1)</script> | ::error::x \u001b[31m';
  const named = { ...fail, verdict: { ...fail.verdict, run: hostile, environment: hostile } };
  const comparison = compareDrills(pass, named);
  const page = compareHtml(comparison, [pass.timeline, named.timeline]);
  parse(page, { onParseError: (error) => expect(error).toBeNull() });
  expect(page).not.toContain('<script');
  expect(page).toContain('class="line b"');
  const markdown = compareMarkdown(comparison);
  expect(markdown).not.toContain('<script');
  for (const row of markdown.split('\n').filter((line) => line.startsWith('|')))
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(6);
  const terminal = compareTerminal(comparison, { width: 100 });
  expect(terminal).not.toContain('\u001b');
  expect(terminal).not.toMatch(/(^|\s)::/m);
});
