import { expect, test } from 'vitest';
import { RefusalError } from '../../refusal.ts';
import { decideText } from './decide-text.ts';

const starts = (factor: number) =>
  Array.from({ length: 5 }, (_, i) => Array.from({ length: 100 }, (_, j) => factor * (100 + i + (j % 10))));
const good = { unit: 'start', measure: 'p95', baseline: starts(1), candidate: starts(1.3) };
const decideOn = (input: unknown) => decideText(JSON.stringify(input), 'series.json');

test('one comparison, with the unit by its name', () => {
  const { answer, ratio, low, high, p, ...rest } = decideOn({
    ...good,
    alpha: 0.01,
    smallest: { ratio: 0.05, absoluteMs: 0 },
  });
  expect(answer).toBe('regressed');
  expect(ratio).toBeCloseTo(1.3, 6);
  expect([Number(low) > 1.05, Number(high) < 1.6, p < 0.001]).toEqual([true, true, true]);
  expect(rest).toMatchObject({ unit: 'start', measure: 'p95', baseline: 111, starts: 5, needs: null });
});

test('what is left out is 1 % and 5 %', () => {
  expect(decideOn(good)).toEqual(
    decideOn({ ...good, alpha: 0.01, smallest: { ratio: 0.05, absoluteMs: 0 } }),
  );
});

test('what it takes has the same name', () => {
  const { baseline, candidate } = good;
  const few = { ...good, baseline: baseline.slice(0, 2), candidate: candidate.slice(0, 2) };
  expect(decideOn(few)).toMatchObject({ answer: 'cannot tell', starts: 2, needs: { starts: 3 } });
});

test.each([
  ['{', 'series.json: this is not JSON'],
  ['[]', 'the document'],
  [JSON.stringify({ ...good, unit: 'hour' }), 'unit: must be "slot", "start" or "run"'],
  [JSON.stringify({ ...good, measure: 'p0' }), 'measure: a percentile is between p1 and p100'],
  [JSON.stringify({ ...good, measure: 'p0.95' }), 'write p95, not p0.95'],
  [JSON.stringify({ ...good, measure: 'mean' }), 'measure: must be p and a number'],
  [JSON.stringify({ ...good, alpha: 0 }), 'alpha: '],
  [JSON.stringify({ ...good, alfa: 0.01 }), 'alfa'],
  [JSON.stringify({ ...good, baseline: [] }), 'baseline: has nothing in it'],
  [JSON.stringify({ ...good, candidate: undefined }), 'candidate: must be a list of lists'],
  [JSON.stringify({ ...good, baseline: [[1, 2], []] }), 'baseline[1]: has no values'],
  [JSON.stringify({ ...good, baseline: [[1, 'a']] }), 'baseline[0][1]: must be a number'],
  [JSON.stringify({ ...good, baseline: [[1, null]] }), 'baseline[0][1]: must be a number'],
  [JSON.stringify({ ...good, baseline: [[1, -2]] }), 'baseline[0][1]: must not be negative'],
  [
    JSON.stringify({ ...good, unit: 'slot', candidate: starts(1).slice(1) }),
    'candidate: has 4 slots for 5 of the baseline',
  ],
  [JSON.stringify({ ...good, measure: 'errors' }), 'baseline[0][0]: must be 0 or 1'],
])('%.60s is refused with its place', (text, said) => {
  expect(() => decideText(text, 'series.json')).toThrow(RefusalError);
  expect(() => decideText(text, 'series.json')).toThrow(said);
});
