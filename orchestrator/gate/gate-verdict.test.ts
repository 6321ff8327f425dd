import { expect, test } from 'vitest';
import type { Outcome } from '../verdict.types.ts';
import type { Answer } from './decision/comparison.ts';
import { gateVerdict } from './gate-verdict.ts';

const check = (verdict: Outcome, blocks = true) => ({
  name: 'spike',
  verdict,
  blocks,
  run: 'spike',
  reasons: verdict === 'PASS' ? [] : ['because'],
});
const compared = (
  answers: readonly Answer[],
  more: { blocks?: boolean; problems?: string[]; needs?: { pairs: number } } = {},
) => ({
  name: 'gateway',
  blocks: more.blocks ?? true,
  problems: more.problems ?? [],
  notes: [],
  results: answers.map((answer, i) => ({
    ...{
      name: 'gateway',
      request: 'GET /',
      measure: ['p50', 'p95', 'throughput'][i] ?? 'errors',
      blocks: true,
    },
    ...{
      answer,
      baseline: 1,
      candidate: 1,
      ratio: 1,
      low: 1,
      high: 1,
      pairs: 9,
      p: 1,
      needs: answer === 'cannot tell' ? (more.needs ?? null) : null,
      reason: '',
    },
  })),
});

test.each<[string, Outcome, Parameters<typeof gateVerdict>]>([
  ['all well', 'PASS', [[check('PASS')], [compared(['same', 'improved', 'same'])]]],
  ['a check alone', 'PASS', [[check('PASS')], []]],
  ['a check that failed', 'FAIL', [[check('FAIL')], [compared(['same'])]]],
  ['a check that proves nothing', 'INVALID', [[check('INVALID')], [compared(['same'])]]],
  ['one regression among the same', 'FAIL', [[check('PASS')], [compared(['same', 'regressed'])]]],
  ['a regression beats what proves nothing', 'FAIL', [[check('INVALID')], [compared(['regressed'])]]],
  ['nothing could be told', 'INVALID', [[check('PASS')], [compared(['cannot tell', 'cannot tell'])]]],
  ['only the throughput could', 'INVALID', [[], [compared(['cannot tell', 'cannot tell', 'same'])]]],
  ['some could be told', 'PASS', [[], [compared(['same', 'cannot tell'])]]],
  ['not measured as planned', 'INVALID', [[], [compared(['same'], { problems: ['k6 crashed'] })]]],
  ['nothing was compared at all', 'INVALID', [[], [compared([])]]],
  ['only what warns', 'INVALID', [[check('PASS', false)], []]],
  ['a warning beside a check', 'PASS', [[check('PASS'), check('FAIL', false)], []]],
  ['a regression that only warns', 'PASS', [[check('PASS')], [compared(['regressed'], { blocks: false })]]],
  ['nothing', 'INVALID', [[], []]],
])('%s', (_, verdict, input) => {
  const found = gateVerdict(...input);
  expect(found.verdict, found.reasons.join('\n')).toBe(verdict);
  if (verdict !== 'PASS') expect(found.reasons.length).toBeGreaterThan(0);
});

test('what only warns, and what could not be told, is among the reasons of a PASS', () => {
  const { reasons } = gateVerdict([check('PASS'), check('FAIL', false)], [compared(['same', 'cannot tell'])]);
  expect(reasons).toEqual(['check spike: FAIL: because', 'comparison gateway: cannot tell p95 of GET /']);
  const { reasons: more } = gateVerdict([], [compared(['same', 'cannot tell'], { needs: { pairs: 40 } })]);
  expect(more).toEqual(['comparison gateway: cannot tell p95 of GET / (about 40 pairs would)']);
});

test('what limits a check that passed is told', () => {
  const note = 'the script has no thresholds';
  const { verdict, reasons } = gateVerdict([{ ...check('PASS'), note }], []);
  expect([verdict, reasons]).toEqual(['PASS', [`check spike: ${note}`]]);
});

const budget = (more: { freeze?: boolean; consumed?: number | null; blocks?: boolean } = {}) => ({
  ...{ objective: 'a', window: '30d', consumed: 0.5, burnRate: 1, spentInMs: null, freeze: false },
  ...{ blocks: true, texts: ['half is spent'] },
  ...more,
});

test.each<[string, Outcome, ReturnType<typeof budget>]>([
  ['half is left', 'PASS', budget()],
  ['it is spent', 'FAIL', budget({ freeze: true, consumed: 1.2 })],
  ['it is not known', 'INVALID', budget({ consumed: null })],
  ['it is spent, and only told', 'PASS', budget({ freeze: true, consumed: 1.2, blocks: false })],
  ['it is not known, and only told', 'PASS', budget({ consumed: null, blocks: false })],
])('an error budget of which %s: %s', (_, verdict, one) => {
  const found = gateVerdict([check('PASS')], [], [one]);
  expect(found.verdict).toBe(verdict);
  if (one.freeze || one.consumed === null)
    expect(found.reasons).toContain('error budget of a: half is spent');
});
