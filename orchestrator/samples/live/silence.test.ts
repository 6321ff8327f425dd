import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENOUGH_ITERATIONS, watchSilence } from './silence.ts';

/** How one scenario of k6 works: each iteration is a pause, a request, and a pause again. */
interface Scenario {
  readonly startMs: number;
  /** Arrivals this far from each other; null: a closed model. */
  readonly gapMs: number | null;
  /** When each VU ends; a ramp-down ends one after the other. For arrivals the first says when they end. */
  readonly untilMs: readonly number[];
  /** How long an iteration that is under way then may go on before it is cut off. */
  readonly graceMs: number;
  readonly answerMs: number;
  readonly thinkMs: number;
  readonly thinksFirst: boolean;
  readonly seed: number;
}

type Event = readonly [
  at: number,
  happens: 'begin' | 'sign' | 'end' | 'cut',
  scenario: string,
  durationMs: number,
];

/** What the scenarios do; from `swallowsFrom` on no request comes back. */
function play(scenarios: readonly Scenario[], swallowsFrom = Number.POSITIVE_INFINITY): Event[] {
  return scenarios
    .flatMap((scenario, i) => iterationsOf(scenario, String(i), swallowsFrom))
    .sort((a, b) => a[0] - b[0]);
}

function iterationsOf(scenario: Scenario, name: string, swallowsFrom: number): Event[] {
  const { startMs, gapMs, untilMs, seed } = scenario;
  const events: Event[] = [];
  if (gapMs !== null) {
    const until = untilMs[0] as number;
    for (let at = startMs, i = 0; at < until; at += gapMs, i++)
      iterate(events, scenario, name, at, until, [seed, i], swallowsFrom);
    return events;
  }
  for (const [vu, until] of untilMs.entries()) {
    let at = startMs + vu * 7;
    for (let i = 0; at < until; i++)
      at = iterate(events, scenario, name, at, until, [seed + vu * 7919, i], swallowsFrom);
  }
  return events;
}

/** Answers when it is over; never when it hangs. */
function iterate(
  events: Event[],
  { answerMs, thinkMs, graceMs, thinksFirst }: Scenario,
  name: string,
  at: number,
  until: number,
  [seed, i]: [number, number],
  swallowsFrom: number,
): number {
  const before = thinksFirst ? thinkMs * spread(seed, 3 * i) : 0;
  const after = thinksFirst ? 0 : thinkMs * spread(seed, 3 * i + 1);
  const cutAt = until + graceMs;
  const answer = at + before + answerMs * spread(seed, 3 * i + 2);
  const isLost = answer >= swallowsFrom;
  const end = isLost ? Number.POSITIVE_INFINITY : answer + after;
  events.push([at, 'begin', name, 0]);
  if (!isLost && answer <= cutAt) events.push([answer, 'sign', name, 0]);
  if (end <= cutAt) events.push([end, 'end', name, end - at]);
  else events.push([cutAt, 'cut', name, 0]);
  return end;
}

/** 1 to 4, the same for the same numbers. */
function spread(seed: number, i: number): number {
  const x = Math.sin(seed * 12.9898 + i * 78.233) * 43_758.5453;
  return 1 + 3 * (x - Math.floor(x));
}

/** The first line of k6 after which the load looks silent, in ms; null when it never does. */
function firstSilence(
  scenarios: readonly Scenario[],
  events: readonly Event[],
  untilMs: number,
): number | null {
  const watch = watchSilence(Object.fromEntries(scenarios.map((_, i) => [String(i), ENOUGH_ITERATIONS])));
  let open = 0;
  let next = 0;
  for (let line = 437; line < untilMs; line += 1000) {
    for (; next < events.length && (events[next] as Event)[0] <= line; next++) {
      const [at, happens, scenario, durationMs] = events[next] as Event;
      if (happens === 'begin') open += 1;
      else if (happens !== 'sign') open -= 1;
      if (happens === 'end') watch.iteration(scenario, durationMs);
      if (happens === 'sign' || happens === 'end') watch.sign(START + at);
    }
    watch.vus(START + line, open);
    if (watch.silentMs !== null) return line;
  }
  return null;
}

const START = 1_795_357_000_000;
const RUN_MS = 120_000;

const seed = fc.integer({ min: 1, max: 100_000 });
const shape = {
  answerMs: fc.oneof(fc.integer({ min: 20, max: 100 }), fc.integer({ min: 50, max: 5_000 })),
  thinkMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8_000 })),
  thinksFirst: fc.boolean(),
  graceMs: fc.constantFrom(0, 2_000, 30_000),
  seed,
};
const startMs = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 }));
const endMs = fc.integer({ min: 1_000, max: RUN_MS });
const gapMs = fc.oneof(fc.integer({ min: 50, max: 500 }), fc.integer({ min: 500, max: 15_000 }));
const arrivals = fc.record({ ...shape, startMs, gapMs, untilMs: fc.tuple(endMs) });
const closed = fc.record({
  ...shape,
  startMs,
  gapMs: fc.constant(null),
  untilMs: fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 15 }), endMs)
      .map(([vus, until]) => new Array<number>(vus).fill(until)),
    fc.array(endMs, { minLength: 1, maxLength: 15 }),
  ),
});

test('a healthy load never looks silent: arrivals, closed models with think time, ramps, what begins later and ends early', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(arrivals, closed), { minLength: 1, maxLength: 3 }), (scenarios) => {
      expect(firstSilence(scenarios, play(scenarios), RUN_MS + 60_000)).toBeNull();
    }),
    { numRuns: 200 },
  );
});

test('a target that swallows everything is found within the patience that the load asks for', () => {
  const endless = { startMs: fc.constant(0), graceMs: fc.constant(0) };
  const arrivals = fc.record({
    ...shape,
    ...endless,
    gapMs: fc.integer({ min: 50, max: 1_500 }),
    untilMs: fc.constant([150_000]),
  });
  const closed = fc.record({
    ...shape,
    ...endless,
    gapMs: fc.constant(null),
    untilMs: fc.integer({ min: 1, max: 15 }).map((vus) => new Array<number>(vus).fill(150_000)),
  });
  const short = fc.record({
    answerMs: fc.integer({ min: 30, max: 400 }),
    thinkMs: fc.integer({ min: 0, max: 1_500 }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(arrivals, closed), { minLength: 1, maxLength: 2 }),
      short,
      fc.integer({ min: 75_000, max: 80_000 }),
      (long, brief, from) => {
        const scenarios = long.map((scenario) => ({ ...scenario, ...brief }));
        const events = play(scenarios, from).filter(([at]) => at < 140_000);
        const signs = events.filter(([, happens]) => happens === 'sign' || happens === 'end');
        const longestMs = signs.reduce((most, [, , , durationMs]) => Math.max(most, durationMs), 0);
        const pauseMs = signs
          .slice(1)
          .reduce((most, [at], i) => Math.max(most, at - (signs[i] as Event)[0]), 0);
        const quietFrom = Math.max((signs.at(-1) as Event)[0], from + 1_500);
        const found = firstSilence(scenarios, events, 140_000);
        expect(found).not.toBeNull();
        expect(found).toBeGreaterThan((signs.at(-1) as Event)[0] + 2_000);
        // Two lines, until one has spoken for what came after the last that went home, and for the last of the patience.
        expect(found).toBeLessThanOrEqual(quietFrom + Math.max(2_000, 3 * pauseMs, 2 * longestMs) + 3_000);
      },
    ),
    { numRuns: 100 },
  );
});

/** A closed load of one VU, ten iterations a second, heard for five seconds. */
function heard() {
  const watch = watchSilence({ s: ENOUGH_ITERATIONS });
  for (let at = 0; at <= 5_000; at += 100) {
    watch.sign(START + at);
    watch.iteration('s', 100);
    if (at % 1_000 === 0) watch.vus(START + at, 3);
  }
  return watch;
}

test('a machine that stood still is not silent when it goes on', () => {
  const watch = heard();
  watch.vus(START + 50_000, 3);
  expect(watch.silentMs).toBeNull();
  watch.vus(START + 51_000, 3);
  watch.vus(START + 52_000, 3);
  expect(watch.silentMs).toBe(3_000);
});

test('who went home is not waited for, and what waits is', () => {
  const watch = heard();
  for (const [second, vus] of [3, 2, 2, 1, 1].entries()) watch.vus(START + 6_000 + second * 1000, vus);
  expect(watch.silentMs).toBeNull();
  watch.vus(START + 11_000, 1);
  watch.vus(START + 12_000, 1);
  expect(watch.silentMs).toBe(3_000);
  watch.sign(START + 12_500);
  expect(watch.silentMs).toBeNull();
});

test('without knowing what a scenario is like nobody is silent', () => {
  for (const needed of [{}, { s: 1, other: 1 }]) {
    const watch = watchSilence(needed);
    watch.sign(START);
    watch.iteration('s', 10);
    for (let second = 0; second < 50; second++) watch.vus(START + second * 1000, 1);
    expect(watch.silentMs).toBeNull();
  }
});

/** One VU, whose iterations take so many seconds each. */
function oneUser(...secondsEach: readonly number[]) {
  const watch = watchSilence({ s: ENOUGH_ITERATIONS });
  let second = 0;
  const wait = (seconds: number) => {
    for (let i = 0; i < seconds; i++) watch.vus(START + second++ * 1000 + 500, 1);
  };
  watch.sign(START);
  for (const seconds of secondsEach) {
    wait(seconds);
    watch.iteration('s', seconds * 1000);
    watch.sign(START + second * 1000);
  }
  return { watch, wait };
}

test('a few short iterations do not promise that the next one is short', () => {
  const { watch, wait } = oneUser(1, 1, 1, 1, 1);
  wait(30);
  expect(watch.silentMs).toBeNull();
});

test('three of the longest pauses are waited for', () => {
  const { watch, wait } = oneUser(...new Array<number>(ENOUGH_ITERATIONS).fill(8));
  wait(24);
  expect(watch.silentMs).toBeNull();
  wait(2);
  expect(watch.silentMs).toBe(25_500);
});
