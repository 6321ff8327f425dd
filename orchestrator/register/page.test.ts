import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Register } from '../../chaos/schema/register.ts';
import { measurePromises } from '../promises/measure.ts';
import type { MeasuredRun } from '../promises/measured-run.ts';
import { registerOutcome, tallyText } from './outcome.ts';
import { writePage } from './page.ts';
import { registerText } from './register-text.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-page-'));
afterAll(() => rmSync(directory, { recursive: true }));

const by = (objective: string) => [{ drill: 'spike', objective }];
const register: Register = {
  systems: { shop: { title: 'The shop', owner: 'checkout', components: [] } },
  areas: {
    speed: {
      title: 'Speed <b>',
      system: 'shop',
      promises: {
        p95: { bound: '< 100ms', by: by('p95') },
        p99: {
          bound: '< 200ms',
          parts: {
            here: { bound: '< 200ms', by: by('p99') },
            there: { bound: '< 200ms', notMeasured: 'needs an account' },
          },
        },
      },
    },
    safety: { title: 'Safety', system: 'shop', promises: { lost: { bound: '= 0', by: by('lost') } } },
  },
};
const run = (results: Record<string, [string, number, 'PASS' | 'FAIL']>): MeasuredRun => ({
  kind: 'drill',
  name: 'spike',
  run: 'run-1',
  at: '2026-11-01T10:00:00.000Z',
  verdict: 'PASS',
  rows: Object.entries(results).map(([name, [target, measured, result]]) => ({
    ...{ what: 'objective', name, phase: 'steady', target, measured, result, reason: `${name} was seen` },
  })),
});
const good = run({
  p95: ['p95 < 100ms', 42, 'PASS'],
  p99: ['p99 < 200ms', 80, 'PASS'],
  lost: ['lost = 0', 0, 'PASS'],
});
const bad = run({ p95: ['p95 < 100ms', 420, 'FAIL'] });

test.each([
  [
    'nothing broken, the rest listed',
    [good],
    'PASS',
    '3 promises: 2 kept, 1 not measured, for a reason in the register',
  ],
  ['one broken', [bad], 'FAIL', '3 promises: 1 broken, 2 never measured'],
  ['never measured', [], 'INVALID', '3 promises: 3 never measured'],
] as const)('%s', (_, runs, outcome, tally) => {
  const rows = measurePromises(register, runs);
  expect(registerOutcome(rows)).toBe(outcome);
  expect(tallyText(rows)).toBe(tally);
});

test('one page: the summary, what is broken, then each area with target and measured', () => {
  const rows = measurePromises(register, [bad]);
  const files = writePage(path.join(directory, 'new'), { register, rows, runs: [bad] });
  expect(readdirSync(path.join(directory, 'new')).sort()).toEqual(
    files.map((file) => path.basename(file)).sort(),
  );
  const read = (name: string) => readFileSync(path.join(directory, 'new', name), 'utf8');
  const markdown = read('register.md');
  expect(markdown).toMatch(/^# FAIL: what the systems promise\n\n## Executive summary\n/);
  expect(markdown).toContain('- **FAIL** `p95`, promised &lt; 100ms: 420 ms. p95 was seen');
  expect(markdown).toContain('| All | 3 | 0 | 1 | 0 | 2 | 0 |');
  expect(markdown).toMatch(
    /\| `p95` \| &lt; 100ms \| 420 ms \| FAIL \| 2026\\-11\\-01 10\\:00\\:00 UTC, run\\-1 \| checkout \|/,
  );
  expect(markdown).toContain('| · there | &lt; 200ms | not measured | NOT MEASURED |');
  const page = read('register.html');
  expect(page).toContain('Speed &#60;b&#62;');
  expect(page).not.toContain('Speed <b>');
  expect(page.indexOf('Executive summary')).toBeLessThan(page.indexOf('id="speed"'));
  expect(JSON.parse(read('register.json'))).toHaveLength(3);
});

test('the environment stands beside the run, on each page and in a terminal', () => {
  const runs = [{ ...good, environment: 'staging' }];
  const rows = measurePromises(register, runs);
  writePage(path.join(directory, 'where'), { register, rows, runs });
  const read = (name: string) => readFileSync(path.join(directory, 'where', name), 'utf8');
  expect(read('register.md')).toContain('UTC, run\\-1 in staging |');
  expect(read('register.html')).toContain('UTC, run-1 in staging');
  expect(JSON.parse(read('register.json'))[0]).toMatchObject({ run: 'run-1', environment: 'staging' });
  for (const width of [60, 200])
    expect(registerText(register, rows, width).replace(/\s+/g, ' ')).toContain('run-1 in staging');
});

test('in a terminal, narrow or wide, each promise is there with its reason', () => {
  const rows = measurePromises(register, [bad]);
  for (const width of [60, 200]) {
    const text = registerText(register, rows, width);
    expect(text).toContain('FAIL');
    expect(text).toContain('p95 was seen');
    expect(text).toContain('3 promises: 1 broken, 2 never measured');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
  }
});
