import { expect, test } from 'vitest';
import type { GateResult } from '../gate.types.ts';
import { compareGates } from './compare-gates.ts';

const line: GateResult['comparisons'][number] = {
  name: 'gateway',
  request: 'GET /',
  measure: 'p95',
  answer: 'same',
  blocks: true,
  baseline: 10,
  candidate: 10,
  ratio: 1,
  low: 0.97,
  high: 1.03,
  pairs: 25,
  p: 0.5,
  needs: null,
  reason: '',
};
const gate: GateResult = {
  schema: 1,
  suite: 'release',
  verdict: 'PASS',
  reasons: [],
  seed: 1,
  checks: [{ name: 'spike', verdict: 'PASS', blocks: true, run: 'spike', reasons: [] }],
  comparisons: [line, { ...line, measure: 'errors', baseline: 0, candidate: 0 }],
  noise: { lateMs: null, steal: null },
  residue: [],
};

test('answers and candidates of two gates, and what only one of them has', () => {
  const other: GateResult = {
    ...gate,
    suite: 'smoke',
    verdict: 'FAIL',
    checks: [],
    comparisons: [{ ...line, answer: 'regressed', ratio: 1.2, candidate: 12 }],
  };
  const { rows, notes } = compareGates({ run: 'a', result: gate }, { run: 'b', result: other });
  expect(rows.map(({ name, a, b, outcome }) => [name, a, b, outcome])).toEqual([
    ['spike', '', undefined, 'only in A'],
    ['gateway: GET / p95', 1, 1.2, 'worse'],
    ['gateway: GET / p95', 10, 12, 'same'],
    ['gateway: GET / errors', 1, undefined, 'only in A'],
    ['gateway: GET / errors', 0, undefined, 'only in A'],
  ]);
  expect(notes[0]).toBe('Not the same suite: A is release, B is smoke.');
});

test('what could not be told is neither worse nor better', () => {
  const untold: GateResult = { ...gate, comparisons: [{ ...line, answer: 'cannot tell' }] };
  const { rows } = compareGates({ run: 'a', result: gate }, { run: 'b', result: untold });
  expect(rows.find(({ group }) => group === 'Candidate over baseline')?.outcome).toBe('changed');
});
