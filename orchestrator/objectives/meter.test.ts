import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Objective } from '../../thresholds/objective.ts';
import { evaluate, planMeter } from './kinds/index.ts';
import { createMeter, type Meter, meterRequest, meterSample } from './meter.ts';

function measure(
  objective: Objective,
  requests: readonly [ms: number, failed: boolean][],
  dropped = 0,
  phaseMs = 10_000,
) {
  const plan = planMeter(objective);
  const meter: Meter = createMeter();
  for (const [ms, failed] of requests) meterRequest(meter, plan, ms, failed);
  meter.dropped = dropped;
  return evaluate(plan, meter, phaseMs);
}

const good = (count: number, ms = 10): [number, boolean][] =>
  Array.from({ length: count }, () => [ms, false]);
const bad = (count: number): [number, boolean][] => Array.from({ length: count }, () => [0, true]);
const p95: Objective = { name: 'o', percentile: 95, below: '100ms' };

test('a percentile below its bound passes, above it fails', () => {
  expect(measure(p95, good(200))).toMatchObject({ result: 'PASS', measured: 10, samples: 200 });
  expect(measure(p95, good(200, 150))).toMatchObject({ result: 'FAIL', measured: 150 });
  expect(measure(p95, [...good(190), ...good(10, 5000)])).toMatchObject({ result: 'PASS' });
  expect(measure(p95, [...good(189), ...good(11, 5000)])).toMatchObject({ result: 'FAIL' });
});

test('too few samples prove nothing', () => {
  expect(measure(p95, good(199))).toMatchObject({
    result: 'INVALID',
    reason: expect.stringContaining('at least 200'),
  });
  expect(measure({ ...p95, minSamples: 5 }, good(5))).toMatchObject({ result: 'PASS' });
});

test('what no further sample could repair is broken before there are enough of them', () => {
  const errors: Objective = { name: 'o', errors: true, below: '1%' };
  expect(measure(errors, bad(601))).toMatchObject({ result: 'FAIL', measured: 1, samples: 601 });
  // 10 of 1000 would be 1 %, which is not below it; 9 of 1000 would be.
  expect(measure(errors, [...good(500), ...bad(10)]).result).toBe('FAIL');
  expect(measure(errors, [...good(500), ...bad(9)])).toMatchObject({
    result: 'INVALID',
    reason: expect.stringContaining('at least 1000'),
  });
  expect(measure(errors, good(5), 10).result).toBe('FAIL');
  const availability: Objective = { name: 'o', availability: true, atLeast: '99%', window: '30d' };
  expect(measure(availability, bad(11)).result).toBe('FAIL');
  expect(measure(availability, bad(10)).result).toBe('INVALID');
  // 190 of 200 in time are p95, 189 are not.
  expect(measure(p95, good(11, 150)).result).toBe('FAIL');
  expect(measure(p95, good(10, 150)).result).toBe('INVALID');
  expect(measure(p95, [...good(1), ...bad(11)]).result).toBe('FAIL');
  expect(measure(p95, [...good(1), ...bad(10)]).result).toBe('INVALID');
});

test('the same for rates, whichever way they are bound', () => {
  const on = (bounds: { atLeast: string } | { below: string }, trues: number, falses: number) => {
    const plan = planMeter({ name: 'o', rate: 'checks', minSamples: 100, ...bounds });
    const meter = createMeter();
    for (let i = 0; i < trues + falses; i++) meterSample(meter, plan, Number(i < trues));
    return evaluate(plan, meter, 1000).result;
  };
  expect(on({ atLeast: '95%' }, 0, 6)).toBe('FAIL');
  expect(on({ atLeast: '95%' }, 0, 5)).toBe('INVALID');
  expect(on({ below: '5%' }, 5, 0)).toBe('FAIL');
  expect(on({ below: '5%' }, 4, 0)).toBe('INVALID');
});

test('nothing at all is never a pass', () => {
  const all: Objective[] = [
    p95,
    { name: 'o', errors: true, below: '1%' },
    { name: 'o', throughput: true, atLeast: '1/s' },
    { name: 'o', availability: true, atLeast: '99%', window: '30d' },
    { name: 'o', counter: 'c', equals: 0 },
    { name: 'o', rate: 'checks', atLeast: '99%' },
  ];
  for (const objective of all)
    expect(measure(objective, [])).toMatchObject({ result: 'INVALID', measured: null });
});

test('failures do not hide latency: requests that failed count as too slow', () => {
  expect(measure(p95, [...good(300), ...bad(10)])).toMatchObject({ result: 'PASS', measured: 10 });
  const hidden = measure(p95, [...good(300), ...bad(30)]);
  expect(hidden).toMatchObject({
    result: 'FAIL',
    measured: 10,
    reason: expect.stringContaining('count as too slow'),
  });
  expect(measure(p95, bad(300))).toMatchObject({ result: 'FAIL', measured: null });
});

test('dropped iterations are bad events for percentiles, errors and availability', () => {
  expect(measure(p95, good(300), 30)).toMatchObject({ result: 'FAIL' });
  expect(measure({ name: 'o', errors: true, below: '1%' }, good(2000), 40)).toMatchObject({
    result: 'FAIL',
    samples: 2040,
  });
  expect(
    measure({ name: 'o', availability: true, atLeast: '99%', window: '30d' }, good(2000), 40),
  ).toMatchObject({ result: 'FAIL' });
});

test('throughput counts good requests over the length of the phase', () => {
  const objective: Objective = { name: 'o', throughput: true, atLeast: '100/s' };
  expect(measure(objective, good(1000))).toMatchObject({ result: 'PASS', measured: 100 });
  expect(measure(objective, good(999))).toMatchObject({ result: 'PASS' });
  expect(measure(objective, [...good(990), ...bad(10)])).toMatchObject({ result: 'FAIL', measured: 99 });
});

test('where one request more or less decides, a throughput proves nothing', () => {
  const on = (atLeast: string, goods: number, phaseMs: number) =>
    measure(
      { name: 'o', throughput: true, atLeast, minSamples: 1 },
      [...good(goods), ...bad(300)],
      0,
      phaseMs,
    );
  // Not one good request: within a millisecond 100/s ask for none.
  expect(on('100/s', 0, 1)).toMatchObject({
    result: 'INVALID',
    reason: expect.stringMatching(/one more or less/),
  });
  expect(on('1/s', 0, 900).result).toBe('INVALID');
  expect(on('1/s', 0, 1100).result).toBe('FAIL');
  expect(on('100/s', 1, 5).result).toBe('INVALID');
  expect(on('1/s', 4, 5000).result).toBe('INVALID');
  expect(on('1/s', 3, 5000).result).toBe('FAIL');
  // Well above the bound, or with enough of them, it does not matter.
  expect(on('1/s', 6, 5000).result).toBe('PASS');
  expect(on('1/s', 20, 1000).result).toBe('PASS');
  expect(on('1/s', 9, 10_000).result).toBe('PASS');
});

test('counters and rates keep their bounds', () => {
  const on = (objective: Objective, values: number[]) => {
    const plan = planMeter(objective);
    const meter = createMeter();
    for (const value of values) meterSample(meter, plan, value);
    return evaluate(plan, meter, 1000).result;
  };
  expect(on({ name: 'o', counter: 'c', equals: 0 }, [0, 0])).toBe('PASS');
  expect(on({ name: 'o', counter: 'c', equals: 0 }, [0, 1])).toBe('FAIL');
  expect(on({ name: 'o', counter: 'c', atLeast: 3 }, [1, 1])).toBe('FAIL');
  expect(on({ name: 'o', counter: 'c', atMost: 3 }, [1, 1])).toBe('PASS');
  const rate = Array.from({ length: 1000 }, (_, i) => (i < 990 ? 1 : 0));
  expect(on({ name: 'o', rate: 'checks', atLeast: '99%' }, rate)).toBe('PASS');
  expect(on({ name: 'o', rate: 'checks', atLeast: '99.5%' }, rate)).toBe('FAIL');
  expect(on({ name: 'o', percentile: 95, below: '5ms', metric: 't' }, Array(200).fill(4))).toBe('PASS');
});

test('a counter that is over its bound is broken however few samples made it; one below it is not known', () => {
  const on = (bounds: object, values: number[]) => {
    const plan = planMeter({ name: 'o', counter: 'c', minSamples: 20, ...bounds } as Objective);
    const meter = createMeter();
    for (const value of values) meterSample(meter, plan, value);
    return evaluate(plan, meter, 1000).result;
  };
  expect(on({ equals: 0 }, [1, 0, 1])).toBe('FAIL');
  expect(on({ atMost: 1 }, [1, 0, 1])).toBe('FAIL');
  expect(on({ equals: 0 }, [0, 0, 0])).toBe('INVALID');
  expect(on({ atLeast: 5 }, [1, 0, 1])).toBe('INVALID');
  expect(on({ equals: 0 }, [])).toBe('INVALID');
});

const order = { PASS: 0, INVALID: 1, FAIL: 2 };
const objectives: Objective[] = [
  { ...p95, minSamples: 5 },
  { name: 'o', errors: true, below: '10%', minSamples: 5 },
  { name: 'o', availability: true, atLeast: '90%', window: '30d', minSamples: 5 },
];

test('more bad requests never improve a result that had enough samples', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...objectives),
      fc.array(fc.tuple(fc.double({ min: 0, max: 200, noNaN: true }), fc.boolean()), {
        minLength: 10,
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 30 }),
      (objective, requests, more, dropped) => {
        const before = measure(objective, requests);
        const after = measure(objective, [...requests, ...bad(more)], dropped);
        expect(order[after.result]).toBeGreaterThanOrEqual(order[before.result]);
      },
    ),
  );
});

test('a good answer that turns into a failure never improves a result', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...objectives),
      fc.array(fc.tuple(fc.double({ min: 0, max: 200, noNaN: true }), fc.boolean()), {
        minLength: 10,
        maxLength: 60,
      }),
      fc.nat(),
      (objective, requests, which) => {
        const broken = requests.map((r, i): [number, boolean] =>
          i === which % requests.length ? [r[0], true] : r,
        );
        expect(order[measure(objective, broken).result]).toBeGreaterThanOrEqual(
          order[measure(objective, requests).result],
        );
      },
    ),
  );
});
