import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WholeDecision } from './gate-decisions.ts';
import { measureStarts } from './gate-starts.ts';
import { KEPT_FILE, type KeptDecision, keep, REQUEST, readKept } from './gate-testbed-kept.ts';
import { onTestbed } from './gate-testbed-rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-kept-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const decision = (seed: number, factor = 1): WholeDecision => ({
  seed,
  at: Date.UTC(2026, 10, 30, 12, 0, 0) + seed * 150_000,
  starts: measureStarts({ baseline: 'steady', candidate: 'steady', factor, seed }).map(
    (slots) => new Map([...slots].map(([, own]) => [REQUEST, own])),
  ),
  doubt: null,
});

test('each decision is kept once, with what was answered to each harm, also one that was not measured as planned', () => {
  const file = path.join(directory, 'kept.jsonl');
  const broken = { seed: 9, at: Date.UTC(2026, 10, 30), starts: null };
  const series = [decision(1), decision(2), broken, decision(3)];
  keep(series, 1, file);
  keep([...series, decision(4, 1.3)], 2, file);
  const kept = readKept(file);
  expect(kept.map(({ seed, atOnce }) => [seed, atOnce])).toEqual([
    [1, 1],
    [2, 1],
    [9, 1],
    [3, 1],
    [4, 2],
  ]);
  expect(kept[2]?.result).toBeNull();
  // The first three tell how far starts differ; what comes after them is judged with that, too.
  expect(kept.map(({ result }) => result?.calibrated?.nothing.p95)).toEqual([
    ...[undefined, undefined, undefined, undefined],
    'regressed',
  ]);
  expect(kept[0]?.result).toMatchObject({
    answers: {
      nothing: { errors: 'same' },
      'all 10 % slower': { p50: 'regressed', p95: 'regressed' },
      'one in 500 fails': { errors: 'regressed' },
    },
    usual: { nothing: [false, false], 'all 10 % slower': [true, true] },
  });
  expect(kept[4]?.result?.answers.nothing).toMatchObject({ p50: 'regressed', p95: 'regressed' });
});

test('bounds hold or not once enough was measured, and before that nothing is said of them', () => {
  const file = path.join(directory, 'kept.jsonl');
  keep([decision(1), decision(4, 1.3)], 1, file);
  const [same, regressed] = readKept(file) as [KeptDecision, KeptDecision];
  const of = (count: number, wrong: number) =>
    onTestbed([...Array(count - wrong).fill(same), ...Array(wrong).fill(regressed)]).rows;
  const metOf = (rows: ReturnType<typeof of>, what: string) =>
    rows.find((row) => row.what.startsWith(what))?.met;
  expect(of(200, 4)[0]).toMatchObject({ measured: '2.0 % / 0.0 %', met: true });
  expect(of(200, 5)[0]).toMatchObject({ measured: '2.5 % / 0.0 %', met: false });
  expect(of(199, 5)[0]?.met).toBeNull();
  expect(metOf(of(100, 0), '+10 % on all durations')).toBe(true);
  expect(metOf(of(99, 0), '+10 % on all durations')).toBeNull();
  const blind = structuredClone(same);
  for (const answers of Object.values(blind.result?.answers ?? {})) answers.p95 = 'same';
  expect(metOf(onTestbed(Array(100).fill(blind)).rows, '+10 % on all durations')).toBe(false);
  const { note } = onTestbed([same, regressed, { ...same, result: null, atOnce: 3 }]);
  expect(note).toMatch(/^2 decisions on 2026-11-30 \(1 more were not measured as planned/);
  expect(note).toContain('Up to 3 comparisons ran on the machine at a time');
});

test('what is kept in this repository can be read', () => {
  if (existsSync(KEPT_FILE)) expect(readKept().length).toBeGreaterThan(0);
  else expect(readKept()).toEqual([]);
});
