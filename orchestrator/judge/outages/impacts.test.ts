import { expect, test } from 'vitest';
import type { Collected } from '../collect.ts';
import type { FaultTimes } from '../fault-times.ts';
import { judgeFault } from '../faults.ts';
import { createEventLog } from './event-log.ts';
import type { Hang } from './hangs.ts';
import { impactsOf } from './impacts.ts';

const AT = 1_700_000_000_000;
const GAP_MS = 10;
const SECONDS = 1000 / GAP_MS;

function times(
  name: string,
  injectedAt: number,
  expectations: object = {},
  endedAt: number = injectedAt + 100,
): FaultTimes {
  return {
    fault: { name, kind: 'kill', component: 'gateway', at: 0, expect: expectations, params: {} } as never,
    targets: ['gateway-1'],
    seenIn: ['gone'],
    use: [],
    seenOut: [],
    unwitnessed: null,
    dueAt: injectedAt,
    injectingAt: injectedAt,
    injectedAt,
    revertingAt: null,
    endedAt,
    injectedPlusMinusMs: 0,
    endedPlusMinusMs: 0,
    unproven: null,
    endUnproven: null,
    unprovenAt: null,
    endUnprovenAt: null,
  };
}

/**
 * A request every 10 ms for 20 s, of which those in `down` fail, and each `flakyEvery`-th answers 500 in any case; single ones are kept
 * up to `limit`.
 */
function judge(
  faults: readonly FaultTimes[],
  down: readonly [from: number, to: number][],
  limit: number,
  flakyEvery = Number.POSITIVE_INFINITY,
) {
  const events = createEventLog(AT, limit);
  const stream = events.stream('load', 'GET /');
  for (let start = AT; start < AT + 20_000; start += GAP_MS) {
    if (down.some(([from, to]) => start >= AT + from && start < AT + to)) events.bad(stream, start);
    else if ((start - AT) % (flakyEvery * GAP_MS) === 0) events.bad(stream, start, 'HTTP 500');
    else events.good(stream, start, start + 1);
  }
  const load = { from: AT, to: AT + 20_000 };
  return impactsOf(faults, { events, hangs: [] as Hang[] } as unknown as Collected, load, load.to).map(
    (impact) =>
      judgeFault({
        ...impact,
        requests: 500,
        failedRequests: 100,
        alerts: [
          {
            receivedAt: AT + 18_000,
            status: 'firing',
            labels: { component: 'gateway' },
            annotations: {},
            startsAt: null,
          },
        ],
        receivesAlerts: true,
        refusedAlerts: [],
        watchesUse: false,
        threwUnseen: 0,
        unheard: [],
      }),
  );
}

test('a fault behind the last request that was kept is not called harmless: nothing is known of it', () => {
  const expectations = { downtimeBelow: 1000, recoverWithin: 5000, detectWithin: 20_000 };
  const faults = [times('first', AT + 2000), times('late', AT + 12_000, expectations)];
  const down: [number, number][] = [[12_000, 20_000]];
  const [first, late] = judge(faults, down, 10 * SECONDS);
  expect(first?.result).toBe('INVALID');
  expect(late).toMatchObject({
    result: 'INVALID',
    reason: expect.stringContaining(
      `single requests were kept only until ${new Date(AT + 10_000 + 1).toISOString()}`,
    ),
  });
  expect(late?.expectations.map(({ name, result }) => [name, result])).toEqual([
    // The alert needs no request.
    ['detectWithin', 'PASS'],
    ['recoverWithin', 'INVALID'],
    ['downtimeBelow', 'INVALID'],
  ]);
  expect(judge(faults, down, Number.POSITIVE_INFINITY).map(({ result }) => result)).toEqual(['PASS', 'FAIL']);
});

test('a second outage behind the last request that was kept makes the fault INVALID, not short', () => {
  const faults = [times('f', AT + 2000, { downtimeBelow: 2000, recoverWithin: 5000 })];
  const down: [number, number][] = [
    [2000, 2500],
    [12_000, 18_000],
  ];
  const [cut] = judge(faults, down, 10 * SECONDS);
  expect(cut?.result).toBe('INVALID');
  expect(cut?.expectations.map(({ result }) => result)).toEqual(['INVALID', 'INVALID']);
  expect(judge(faults, down, Number.POSITIVE_INFINITY)[0]?.result).toBe('FAIL');
});

test('what was broken before the last request that was kept stays broken; a fault that ended before it is known', () => {
  const strict = times('f', AT + 2000, { downtimeBelow: 100 });
  expect(judge([strict], [[2000, 2500]], 10 * SECONDS)[0]?.result).toBe('FAIL');
  const faults = [times('early', AT + 2000), times('late', AT + 5000)];
  expect(judge(faults, [], 10 * SECONDS).map(({ result }) => result)).toEqual(['PASS', 'INVALID']);
});

test('a name that fails as often before the fault as after it has the outage of the fault, and no other', () => {
  const faults = [times('f', AT + 10_000, { recoverWithin: 2000, downtimeBelow: 2000 })];
  const [flaky] = judge(faults, [[10_000, 11_100]], Number.POSITIVE_INFINITY, 20);
  expect(flaky?.result).toBe('PASS');
  expect(Math.abs((flaky?.downtimeMs ?? 0) - 1100)).toBeLessThanOrEqual(2 * GAP_MS);
  expect(flaky?.outages).toHaveLength(1);
});

test('the earliest request that was not kept counts: a hung one is reported late', () => {
  const events = createEventLog(AT, 1);
  const stream = events.stream('load', 'GET /');
  events.good(stream, AT, AT + 1);
  events.good(stream, AT + 9000, AT + 9001);
  events.bad(stream, AT + 3000);
  expect(events.cutAt).toBe(AT + 3000);
});

/** What tells that each fault was noticed: a request every 10 ms for 20 s, each answered after `answerMs`, or (null) failed. */
function noticedOf(
  faults: readonly FaultTimes[],
  answerMs: (second: number) => number | null,
  nameOf: (index: number) => string = () => 'GET /',
): (readonly string[])[] {
  const events = createEventLog(AT);
  for (let i = 0; i < 20 * SECONDS; i++) {
    const start = AT + i * GAP_MS;
    const stream = events.stream('load', nameOf(i));
    const took = answerMs(i / SECONDS);
    if (took === null) events.bad(stream, start, 'HTTP 503');
    else events.good(stream, start, start + took);
  }
  const load = { from: AT, to: AT + 20_000 };
  const collected = { events, hangs: [] as Hang[] } as unknown as Collected;
  return impactsOf(faults, collected, load, load.to).map(({ noticed }) => noticed);
}

test('failures up to two seconds after the end of a fault tell that it was noticed; no silence is made of them', () => {
  const [soon] = noticedOf([times('f', AT + 10_000)], (s) => (s >= 10.5 && s < 11.5 ? null : 1));
  expect(soon).toEqual(['100 of 210 GET / failed while it was in, 0 of 1000 before']);
  const [late] = noticedOf([times('f', AT + 10_000)], (s) => (s >= 12.5 && s < 13.5 ? null : 1));
  expect(late).toEqual([]);
});

test('a silence tells it, too, however few answers there are to compare', () => {
  const [noticed] = noticedOf([times('f', AT + 10_000)], (s) => (s >= 10 && s < 13 ? 13_001 - s * 1000 : 1));
  expect(noticed).toContain('GET / was not answered for 3.01 s');
});

test('a name that an earlier fault has left broken tells nothing about a later one', () => {
  const faults = [times('first', AT + 5000), times('second', AT + 15_000)];
  const [first, second] = noticedOf(faults, (s) => (s >= 5 ? null : 1));
  expect(first).toHaveLength(1);
  expect(second).toEqual([]);
});

test('what another fault does is not the effect of one that goes in meanwhile', () => {
  const slow = times('slow', AT + 6000, {}, AT + 16_000);
  const idle = times('idle', AT + 12_000);
  const whileSlow = (s: number) => (s >= 6 && s < 16 ? 200 : 1);
  const [first, second] = noticedOf([slow, idle], whileSlow);
  expect(first).toHaveLength(1);
  expect(second).toEqual([]);
  // Nor when one goes in right after the other: then nobody can tell.
  expect(noticedOf([slow, times('twin', AT + 6010)], whileSlow)[1]).toEqual([]);
  // What comes on top of it is.
  const [, failing] = noticedOf([slow, idle], (s) => (s >= 12 && s < 16 ? null : whileSlow(s)));
  expect(failing?.[0]).toBe('210 of 230 GET / failed while it was in, 0 of 580 before');
  const worse = times('worse', AT + 12_000, {}, AT + 15_000);
  const [, slower] = noticedOf([slow, worse], (s) => (s >= 12 && s < 16 ? 500 : whileSlow(s)));
  expect(slower?.join()).toContain(
    'a quarter of GET / took 500 ms or longer while it was in, 200 ms at the most',
  );
});

test('where no name has enough requests to tell, all of them together do', () => {
  const nameOf = (index: number) => `GET /${index % 150}`;
  const [noticed] = noticedOf([times('f', AT + 10_000)], (s) => (s >= 10 && s < 10.2 ? null : 1), nameOf);
  expect(noticed).toEqual(['20 of 210 requests failed while it was in, 0 of 1000 before']);
});
