import { expect, test } from 'vitest';
import { drill as drillSchema } from '../../chaos/schema/drill.ts';
import type { EventStream } from '../../chaos/schema/event-stream.ts';
import { journaled } from '../../test/reference-target/ground-truth.ts';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import { type SimulatedSample, samplesCsv, simulatedRun } from '../../test/reference-target/simulated-run.ts';
import type { LoadEnded } from '../journal/events.ts';
import { seededRandom } from '../statistics/random.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;
const FAULT = { from: 3_000, to: 5_000 };
const LENGTH = 8_000;
const GAP_MS = 20;

type ToSamples = (at: number, isBad: boolean) => SimulatedSample[];

/** An event every 20 ms, written down as its metric does it; those that are due in the fault are bad. */
async function judge(
  events: EventStream[] | undefined,
  toSamples: ToSamples,
  { inOrder = true, thrown = [] }: { inOrder?: boolean; thrown?: LoadEnded['thrown'] & {} } = {},
) {
  const samples: SimulatedSample[] = [];
  for (let at = 0; at < LENGTH; at += GAP_MS)
    samples.push(...toSamples(ZERO + at, at >= FAULT.from && at < FAULT.to));
  const recorded = simulatedRun([samplesCsv(samples, inOrder)], ZERO, ZERO + LENGTH + 1_000);
  const truth = { name: 'f', from: ZERO + FAULT.from, to: ZERO + FAULT.to, downtimeMs: 0, outages: 1 };
  const { faults, events: journal } = journaled([truth]);
  const expected = { recoverWithin: 2_500, downtimeBelow: 10_000 };
  const drill = {
    faults: faults.map((fault) => ({ ...fault, expect: expected })),
    load: [{ scenario: 'load', vars: {} }],
    ...(events === undefined ? {} : { events }),
  };
  const run = journalOf(recorded, { objectives: [], drill }, journal);
  const lines = run.lines.map((line) =>
    line.event.type === 'load-ended' ? { ...line, event: { ...line.event, thrown } } : line,
  );
  const { verdict } = await judgeRun({ ...run, lines }).finally(recorded.remove);
  return verdict;
}

/** What is lost is told of a second later, and counts at the moment at which it was due. */
const trend: ToSamples = (at, isBad) => [
  { metric: 'chunk', at: at + (isBad ? 1_000 : 4), value: isBad ? 1_000 : 4, tags: `answered=${!isBad}` },
];
const rate: ToSamples = (at, isBad) => [{ metric: 'pong', at, value: isBad ? 0 : 1 }];
const check: ToSamples = (at, isBad) => [
  { metric: 'checks', at, value: isBad ? 0 : 1, tags: 'kind=chat' },
  { metric: 'checks', at, value: 0, tags: 'kind=other' },
];
const call: ToSamples = (at, isBad) => [
  { metric: 'grpc_req_duration', at: at + 3, value: 3, status: isBad ? '14' : '0', name: '/shop.Cart/Get' },
];

test.each<[string, EventStream[] | undefined, ToSamples, string, number]>([
  ['a trend', [{ duration: 'chunk', good: { answered: 'true' }, name: 'chunks' }], trend, 'chunks', 1],
  ['a rate', [{ rate: 'pong' }], rate, 'pong', 1],
  ['a rate with a tag', [{ rate: 'checks', where: { kind: 'chat' }, name: 'chat' }], check, 'chat', 1],
  ['calls of gRPC, not listed', undefined, call, 'grpc_req_duration /shop.Cart/Get', 1],
])('%s: the outage is that of the events', async (_, events, toSamples, name, gaps) => {
  const { faults, reasons, phases } = await judge(events, toSamples);
  const [fault] = faults;
  expect(fault, reasons.join('\n')).toMatchObject({ result: 'PASS', failedRequests: 0, failedEvents: 100 });
  expect(fault?.outages.map(({ request }) => request)).toEqual([name]);
  expect(Math.abs((fault?.downtimeMs ?? 0) - 2_000)).toBeLessThanOrEqual(gaps * GAP_MS);
  expect(fault?.reason).toMatch(/^down for (1.98|1.99|2) s .*, 100 bad events$/);
  expect(fault?.noticed[0]).toContain(`100 of 200 ${name} failed`);
  const steady = phases.find((phase) => phase.name === 'steady');
  expect(steady).toMatchObject({ requests: 0, events: 150, failedEvents: 0 });
});

test.each<[EventStream, string]>([
  [{ counter: 'ws_msgs_received' }, 'ws_msgs_received'],
  [{ rate: 'pong', name: 'pongs' }, 'pongs'],
])('%j: that nothing comes is an outage', async (stream, name) => {
  const metric = 'counter' in stream ? stream.counter : 'pong';
  const { faults } = await judge([stream], (at, isBad) => (isBad ? [] : [{ metric, at, value: 1 }]));
  expect(faults[0]).toMatchObject({ result: 'PASS', failedRequests: 0 });
  expect(faults[0]?.outages.map(({ request }) => request)).toEqual([name]);
  expect(Math.abs((faults[0]?.downtimeMs ?? 0) - 2_000)).toBeLessThanOrEqual(GAP_MS);
  expect(faults[0]?.noticed).toContain(`${name} was not answered for 2.02 s`);
});

test.each(Array.from({ length: 25 }, (_, seed) => seed + 1))(
  'a silence between any two moments is an outage, however they are rounded (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const { faults } = await judge([{ counter: 'got' }], (at, isBad) =>
      isBad ? [] : [{ metric: 'got', at: Number((at + random()).toFixed(6)), value: 1 }],
    );
    expect(faults[0]?.outages).toHaveLength(1);
    expect(Math.abs((faults[0]?.downtimeMs ?? 0) - 2_000)).toBeLessThanOrEqual(GAP_MS + 1);
  },
);

test('events that are written down in another order than they came are the same silence', async () => {
  const twoByTwo: ToSamples = (at, isBad) => {
    if (isBad || at % (2 * GAP_MS) !== 0) return [];
    return [at + GAP_MS / 2, at].map((time) => ({ metric: 'got', at: time, value: 1 }));
  };
  const { faults } = await judge([{ counter: 'got' }], twoByTwo, { inOrder: false });
  expect(faults[0]?.outages).toHaveLength(1);
});

/** gRPC that cannot connect: the iteration throws, and k6 writes no sample of it. */
const unconnected: ToSamples = (at, isBad) => (isBad ? [] : call(at, false));

test('iterations that throw in a fault, and of which no request tells, leave open what users saw', async () => {
  const second = Math.floor((ZERO + FAULT.from) / 1000);
  const thrown = [0, 1].map((i) => ({ scenario: 'load', second: second + i, count: 50 }));
  const [fault] = (await judge(undefined, unconnected, { thrown })).faults;
  expect(fault).toMatchObject({ result: 'INVALID', outages: [] });
  expect(fault?.reason).toContain('100 iterations threw an error while it was in, of which no request tells');
  // Where each of them had a call that failed, the calls tell.
  const [told] = (await judge(undefined, call, { thrown })).faults;
  expect(told).toMatchObject({ result: 'PASS', failedEvents: 100 });
});

test('a stream that was listed and never came proves nothing', async () => {
  const { verdict, reasons } = await judge([{ rate: 'pongs' }], call);
  expect(verdict).toBe('INVALID');
  expect(reasons[0]).toContain('No event came from the metric pongs, which `events` in the drill lists');
});

test.each([
  [{ rate: 'a', counter: 'b' }, 'exactly one metric'],
  [{ where: { name: 'a' } }, 'exactly one metric'],
  [{ duration: 'http_req_duration' }, 'HTTP requests are watched anyway'],
  [{ rate: 'no name' }, 'not a name of a k6 metric'],
])('%j is refused', (stream, why) => {
  const parsed = drillSchema.shape.events.safeParse([stream]);
  expect(parsed.error?.issues[0]?.message).toContain(why);
});
