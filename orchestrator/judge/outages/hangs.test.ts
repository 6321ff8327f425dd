import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHangFinder, type Hang } from './hangs.ts';

/** One iteration of k6: one request, then a pause. */
interface Iteration {
  readonly start: number;
  readonly answerMs: number;
  readonly thinkMs: number;
}

const FAULT = 20_000;

/** VUs that go round and round from 0 to `untilMs`, of which what is under way is cut off `graceMs` later. */
function closedModel(options: {
  readonly vus: number;
  readonly untilMs: (vu: number) => number;
  readonly graceMs: number;
  readonly thinkMs: (vu: number, i: number) => number;
  readonly hangsFrom?: number;
}): Hang[] {
  const { vus, untilMs, graceMs, thinkMs, hangsFrom = Number.POSITIVE_INFINITY } = options;
  const events: Event[] = [];
  for (let vu = 0; vu < vus; vu++) {
    const until = untilMs(vu);
    let at = (vu * 37) % 100;
    for (let i = 0; at < until; i++) {
      const answerMs = at + 10 >= hangsFrom ? Number.POSITIVE_INFINITY : 10;
      events.push(...iterate({ start: at, answerMs, thinkMs: thinkMs(vu, i) }, until + graceMs));
      at += answerMs + thinkMs(vu, i);
    }
  }
  return play(events);
}

type Event = readonly [at: number, order: number, how: 'request' | 'over' | 'end', durationMs: number];

function iterate({ start, answerMs, thinkMs }: Iteration, cutAt: number): Event[] {
  const [answer, end] = [start + answerMs, start + answerMs + thinkMs];
  return [
    ...(answer <= cutAt ? [[answer, 0, 'request', answerMs] as const] : []),
    [Math.min(end, cutAt), 1, 'over', 0] as const,
    ...(end <= cutAt ? [[end, 2, 'end', end - start] as const] : []),
  ];
}

function play(events: readonly Event[], scenario = 'load', finder = createHangFinder(FAULT)): Hang[] {
  for (const [at, , how, durationMs] of [...events].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (how === 'request') finder.request(scenario, at);
    else if (how === 'over') finder.over(scenario, at, 0);
    else {
      finder.iterationDuration(scenario, at, durationMs);
      finder.iteration(scenario, at);
    }
  }
  return finder.hangs();
}

/** Arrivals at an even rate, each with a VU of its own. */
function openModel(gapMs: number, untilMs: number, graceMs: number, hangsFrom: number): Hang[] {
  const events: Event[] = [];
  for (let start = 0; start < untilMs; start += gapMs) {
    const answerMs = start >= hangsFrom ? Number.POSITIVE_INFINITY : 5;
    events.push(...iterate({ start, answerMs, thinkMs: 0 }, untilMs + graceMs));
  }
  return play(events);
}

const vus = fc.integer({ min: 1, max: 40 });
const think = fc.integer({ min: 0, max: 4000 });
const grace = fc.constantFrom(0, 2000, 30_000);

test('a target that hangs to the end of the load is found, in a closed model and in an open one', () => {
  fc.assert(
    fc.property(
      vus,
      think,
      grace,
      fc.integer({ min: 22_000, max: 40_000 }),
      (count, thinkMs, graceMs, from) => {
        const hangsFrom = from;
        const closed = closedModel({
          vus: count,
          untilMs: () => 60_000,
          graceMs,
          thinkMs: () => thinkMs,
          hangsFrom,
        });
        expect(closed).toHaveLength(1);
        expect(closed[0]?.to).toBe(60_000 + graceMs);
        // The last think time may end after it began.
        expect(closed[0]?.from).toBeGreaterThanOrEqual(hangsFrom - thinkMs - 120);
        expect(closed[0]?.from).toBeLessThanOrEqual(hangsFrom + thinkMs + 120);
        expect(openModel(20, 60_000, graceMs, hangsFrom)).toMatchObject([{ to: 60_000 + graceMs }]);
      },
    ),
    { numRuns: 40 },
  );
}, 30_000);

test('a load that ends, early, in steps, or in the middle of think time hangs nowhere', () => {
  const lengths = fc.constantFrom<(vu: number) => number>(
    () => 60_000,
    () => 25_000,
    // A ramp down: one after the other leaves.
    (vu) => 60_000 - vu * 700,
  );
  // Even, ragged, and a few that dawdle until they are cut off.
  const thoughts = fc.constantFrom<(thinkMs: number) => (vu: number, i: number) => number>(
    (thinkMs) => () => thinkMs,
    (thinkMs) => (vu, i) => (thinkMs * ((vu * 7 + i * 13) % 10)) / 10,
    (thinkMs) => (vu, i) => (vu % 8 === 7 && i > 2 ? 200_000 : thinkMs),
  );
  fc.assert(
    fc.property(vus, think, grace, lengths, thoughts, (count, thinkMs, graceMs, untilMs, thought) => {
      expect(closedModel({ vus: count, untilMs, graceMs, thinkMs: thought(thinkMs) })).toEqual([]);
    }),
    { numRuns: 80 },
  );
  for (const graceMs of [0, 2000, 30_000]) expect(openModel(20, 60_000, graceMs, 1e9)).toEqual([]);
}, 30_000);

test('each scenario for itself: one that is over is not down because another goes on', () => {
  const finder = createHangFinder(FAULT);
  const early = Array.from({ length: 300 }, (_, i) =>
    iterate({ start: i * 100, answerMs: 5, thinkMs: 0 }, 1e9),
  );
  const late = Array.from({ length: 600 }, (_, i) =>
    iterate({ start: i * 100, answerMs: i < 400 ? 5 : Number.POSITIVE_INFINITY, thinkMs: 0 }, 62_000),
  );
  expect(play(early.flat(), 'early', finder)).toEqual([]);
  expect(play(late.flat(), 'late', finder)).toMatchObject([{ scenario: 'late', to: 62_000 }]);
});

test('one dead connection of an open loop is cut off with the load, and is no hang of the target', () => {
  const stuck = (count: number) => {
    const events: Event[] = [];
    for (let start = 0; start < 40_000; start += 20) {
      const answerMs = start >= 25_000 && start < 25_000 + count * 20 ? Number.POSITIVE_INFINITY : 5;
      events.push(...iterate({ start, answerMs, thinkMs: 0 }, 70_000));
    }
    return play(events);
  };
  expect(stuck(1)).toEqual([]);
  expect(stuck(2)).toEqual([]);
  expect(stuck(3)).toHaveLength(1);
});

test('without a fault, the bytes of what was cut off tell whether its requests are known to be unanswered', () => {
  const about = (sentBytes: number, receivedBytes: number) => {
    const finder = createHangFinder(Number.POSITIVE_INFINITY);
    for (let at = 0; at < 20_000; at += 100) {
      finder.request('load', at + 10);
      finder.iterationDuration('load', at + 20, 20);
      finder.iteration('load', at + 20);
      finder.over('load', at + 20, 90);
      finder.received('load', at + 20, 200);
    }
    for (let i = 0; i < 5; i++) {
      finder.over('load', 30_000, sentBytes);
      finder.received('load', 30_000, receivedBytes);
    }
    return finder.hangs();
  };
  expect(about(90, 0)).toEqual([{ scenario: 'load', from: 19_920, to: 30_000, isUnanswered: true }]);
  // A pause after an answer, a pause before the request, a connection that never came about: which of them is not known.
  expect(about(90, 200)).toMatchObject([{ isUnanswered: false }]);
  expect(about(0, 0)).toMatchObject([{ isUnanswered: false }]);
});
