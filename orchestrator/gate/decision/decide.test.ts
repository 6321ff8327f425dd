import { expect, test } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import type { Criteria, Sides } from './comparison.ts';
import { decide, decideAll } from './decide.ts';

const criteria: Criteria = {
  measure: { percentile: 95 },
  alpha: 0.01,
  smallest: { ratio: 0.05, absoluteMs: 0 },
};
const with_ = (more: Partial<Criteria>): Criteria => ({ ...criteria, ...more });

test.each([
  ['slot', 25],
  ['start', 5],
  ['run', 6],
] as const)('%ss: regressed, improved and same, and the same input has the same answer', (unit, count) => {
  const worse = sidesOf({ count, factor: 1.3 });
  expect(decide(unit, worse, criteria)).toMatchObject({ answer: 'regressed', needs: null });
  expect(decide(unit, worse, criteria)).toEqual(decide(unit, worse, criteria));
  const better = { baseline: worse.candidate, candidate: worse.baseline };
  expect(decide(unit, better, criteria).answer).toBe('improved');
  const large = with_({ smallest: { ratio: 0.25, absoluteMs: 0 } });
  expect(decide(unit, sidesOf({ count, factor: 1 }), large).answer).toBe('same');
});

test('the estimate lies in its interval, around the true ratio', () => {
  for (const [unit, count] of [
    ['slot', 25],
    ['start', 8],
  ] as const) {
    const { ratio, low, high } = decide(unit, sidesOf({ count, factor: 1.2 }), criteria);
    expect([Number(low) < ratio, ratio < Number(high)]).toEqual([true, true]);
    expect([Number(low) < 1.2, Number(high) > 1.2]).toEqual([true, true]);
  }
});

test('a certain difference that is too small to matter is the same', () => {
  const sides = sidesOf({ count: 25, factor: 1.02, slotSd: 0.001 });
  const found = decide('slot', sides, with_({ measure: { percentile: 50 } }));
  expect([found.answer, found.p < 0.01]).toEqual(['same', true]);
  const tenPercent = sidesOf({ count: 25, factor: 1.1 });
  expect(decide('slot', tenPercent, criteria).answer).toBe('regressed');
  // 10 % of 20 to 40 ms is below 20 ms.
  expect(decide('slot', tenPercent, with_({ smallest: { ratio: 0.05, absoluteMs: 20 } })).answer).toBe(
    'same',
  );
});

test('too few units cannot tell, and say how many they need', () => {
  expect(decide('slot', sidesOf({ count: 5, factor: 2 }), criteria)).toMatchObject({
    answer: 'cannot tell',
    needs: 8,
  });
  expect(decide('start', sidesOf({ count: 2, factor: 2 }), criteria)).toMatchObject({
    answer: 'cannot tell',
    needs: 3,
  });
  const { baseline, candidate } = sidesOf({ count: 4, factor: 2 });
  expect(decide('run', { baseline, candidate: candidate.slice(0, 1) }, criteria)).toMatchObject({
    answer: 'cannot tell',
    needs: 5,
  });
});

test('a wide interval cannot tell, and says how much more it takes', () => {
  const found = decide('start', sidesOf({ count: 5, factor: 1.06, slotSd: 0.15 }), criteria);
  expect(found.answer).toBe('cannot tell');
  expect(found.needs).toBeGreaterThan(5);
});

test('starts that differ among themselves are not outvoted by their requests', () => {
  const sides = sidesOf({ count: 5, factor: 1, slotSd: 0.2, seed: 4 });
  const many = { ...sides, candidate: sides.candidate.map((start) => [...start, ...start, ...start]) };
  expect(decide('start', many, criteria).answer).toBe('cannot tell');
});

test('slots that lean on their neighbours are joined', () => {
  const waves = Array.from({ length: 40 }, (_, i) => Math.exp(0.2 * Math.sin(i / 4)));
  const sides = sidesOf({ count: 40, factor: 1 });
  const leaning = { ...sides, candidate: sides.candidate.map((s, i) => s.map((ms) => ms * (waves[i] ?? 1))) };
  expect(decide('slot', sides, criteria).units).toBe(40);
  expect(decide('slot', leaning, criteria).units).toBeLessThanOrEqual(20);
});

test('p99 of short slots joins pairs until each has enough requests', () => {
  const sides = sidesOf({ count: 24, factor: 1.3, values: 200 });
  expect(decide('slot', sides, with_({ measure: { percentile: 99 } })).units).toBe(12);
});

test('a start with too few values for the percentile cannot tell', () => {
  const sides = sidesOf({ count: 5, factor: 2, values: 10 });
  expect(decide('start', sides, criteria)).toMatchObject({ answer: 'cannot tell', needs: null });
});

test('a lower throughput is the worse one', () => {
  const sides = sidesOf({ count: 25, factor: 0.8 });
  expect(decide('slot', sides, with_({ measure: 'throughput' })).answer).toBe('regressed');
});

test('durations of zero have a rank and a finite ratio', () => {
  const zeros = Array.from({ length: 10 }, () => new Array<number>(100).fill(0));
  const ones = zeros.map((slot) => slot.map(() => 1));
  expect(decide('slot', { baseline: zeros, candidate: zeros }, criteria)).toMatchObject({
    answer: 'same',
    ratio: 1,
  });
  expect(decide('slot', { baseline: zeros, candidate: ones }, criteria)).toMatchObject({
    answer: 'regressed',
    ratio: expect.closeTo(2, 9),
  });
});

test('errors: 7 of 15,000 against none are told, 6 are not, none on both sides are the same', () => {
  const errors = with_({ measure: 'errors' });
  const failing = (events: number) => slotsWith(events, 25, 600);
  const against = (events: number) =>
    decide('slot', { baseline: failing(0), candidate: failing(events) }, errors);
  expect(against(7).answer).toBe('regressed');
  expect(against(7).p).toBeCloseTo(0.5 ** 7, 12);
  expect(against(6).answer).not.toBe('regressed');
  expect(against(0)).toMatchObject({ answer: 'same', baseline: 0, candidate: 0 });
});

test('errors in one bunch are one event, not hundreds', () => {
  const errors = with_({ measure: 'errors' });
  const baseline = slotsWith(0, 25, 600);
  const burst = (events: number) =>
    baseline.map((slot, i) => (i === 3 ? slot.map((_, j) => (j < events ? 1 : 0)) : slot));
  for (const events of [15, 200])
    expect(decide('slot', { baseline, candidate: burst(events) }, errors).answer).not.toBe('regressed');
  const spread = decide('slot', { baseline, candidate: slotsWith(200, 25, 600) }, errors);
  expect(spread.answer).toBe('regressed');
});

test('several questions share their chance of a false alarm', () => {
  const question = (measure: Criteria['measure'], sides: Sides) => ({
    unit: 'slot' as const,
    sides,
    criteria: with_({ measure }),
  });
  const baseline = slotsWith(0, 25, 600);
  const seven = { baseline, candidate: slotsWith(7, 25, 600) };
  const calm = sidesOf({ count: 25, factor: 1 });
  const family = (others: number) =>
    decideAll(
      [
        question('errors', seven),
        ...Array.from({ length: others }, () => question({ percentile: 95 }, calm)),
      ],
      0.02,
    )[0]?.answer;
  // p is 1/128: enough alone and beside one other, not beside four.
  expect([family(0), family(1), family(4)]).toEqual(['regressed', 'regressed', 'cannot tell']);
});

interface Unlike {
  readonly count: number;
  readonly factor: number;
  readonly slotSd?: number;
  readonly values?: number;
  readonly seed?: number;
}

interface Numbers {
  readonly baseline: number[][];
  readonly candidate: number[][];
}

/** Units of lognormal durations around 20 ms; the units differ by slotSd among themselves. */
function sidesOf({ count, factor, slotSd = 0.01, values = 400, seed = 1 }: Unlike): Numbers {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const unit = (times: number) => {
    const level = Math.exp(slotSd * normal());
    return Array.from({ length: values }, () => 20 * times * level * Math.exp(0.3 * normal()));
  };
  return {
    baseline: Array.from({ length: count }, () => unit(1)),
    candidate: Array.from({ length: count }, () => unit(factor)),
  };
}

/** `events` failures, dealt out over the slots in turn. */
function slotsWith(events: number, slots: number, requests: number): number[][] {
  const lists = Array.from({ length: slots }, () => new Array<number>(requests).fill(0));
  for (let i = 0; i < events; i++) (lists[i % slots] as number[])[Math.floor(i / slots)] = 1;
  return lists;
}
