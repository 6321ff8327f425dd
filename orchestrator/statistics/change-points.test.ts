import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changePoints } from './change-points.ts';
import golden from './golden/change-points.json' with { type: 'json' };
import { seededRandom } from './random.ts';

test.each(golden.answers)(
  'as Apache Otava answers: p $maxP, at least $minMagnitude',
  ({ indexes, ...settings }) => {
    expect(changePoints(golden.series, { ...settings, asOtava: true }).map(({ index }) => index)).toEqual(
      indexes,
    );
  },
);

const settings = { window: 30, maxP: 0.001, minMagnitude: 0.05 };
const indexes = (series: readonly number[]) => changePoints(series, settings).map(({ index }) => index);

test('nothing to find in what is empty, alone, or always the same', () => {
  expect(indexes([])).toEqual([]);
  expect(indexes([5])).toEqual([]);
  expect(indexes([5, 5])).toEqual([]);
  expect(indexes(Array(100).fill(5))).toEqual([]);
  expect(indexes(Array(100).fill(0))).toEqual([]);
});

test('a step is found where it is, with the means on both sides', () => {
  const series = [...Array(12).fill(10), ...Array(12).fill(12)].map((value, i) => value + (i % 3) * 0.1);
  const [only, ...others] = changePoints(series, settings);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ index: 12, before: expect.closeTo(10.1, 5), after: expect.closeTo(12.1, 5) });
});

test('a step that is smaller than what matters is not', () => {
  const series = [...Array(12).fill(10), ...Array(12).fill(10.3)].map((value, i) => value + (i % 3) * 0.01);
  expect(indexes(series)).toEqual([]);
  expect(changePoints(series, { ...settings, minMagnitude: 0 })).toHaveLength(1);
});

test('the unit of a series does not matter', () => {
  const values = fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 60 });
  fc.assert(
    fc.property(values, (series) => {
      // Powers of two: the figures stay the same to the last bit.
      expect(indexes(series.map((value) => value * 1024))).toEqual(indexes(series));
    }),
    { numRuns: 50 },
  );
});

test('noise alone has change points in few series', () => {
  const random = seededRandom(11);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let found = 0;
  for (let i = 0; i < 200; i++)
    found += Number(indexes(Array.from({ length: 40 }, () => Math.exp(0.05 * normal()))).length > 0);
  expect(found).toBeLessThanOrEqual(20);
});
