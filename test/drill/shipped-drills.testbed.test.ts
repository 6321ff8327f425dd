import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultResult, Verdict } from '../../orchestrator/verdict.types.ts';
import { paths } from '../../testbed/lib/testbed.ts';
import { anyK6 } from '../k6.ts';
import { type DrillRequest, type SharedTestbed, upSharedTestbed } from './shared-testbed.ts';
import { type Shorter, shorten } from './shorten.ts';
import { CHUNK_MS, readHeard, trueOutage } from './singer-truth.ts';

/**
 * Every shipped drill, whole, against the testbed: green as it is, and red by a switch of the testbed that breaks what the drill is about.
 * Less load and shorter times than as shipped; what the machine's speed decides is left out, unless it is broken by far.
 */
const k6 = await anyK6();
let testbed: SharedTestbed;
beforeAll(async () => {
  if (k6 !== null) testbed = await upSharedTestbed(k6, 'forget-tries-after-ms=1000');
}, 120_000);
afterEach(async () => {
  if (k6 === null) return;
  testbed.set();
  await testbed.healthy();
}, 120_000);
afterAll(async () => testbed?.down(), 60_000);

interface Red extends Pick<DrillRequest, 'keep' | 'whenIn'> {
  readonly by: string;
  readonly broken: readonly string[];
  readonly set?: readonly string[];
  readonly shorter?: Shorter;
  /** Balancers read their settings when they start. */
  readonly restart?: string;
  /** Settings that would keep it from starting again. */
  readonly afterRestart?: readonly string[];
}

/** Of both gateways together as much as the drill's load takes for the capacity. */
const CAPACITY = ['gateway-capacity=20'];
/** A singer waits longer than the coach is frozen or the link cut: then the coach hears every chunk, and its record is the truth. */
const VOCAL: Shorter = {
  faultMs: 3_500,
  restMs: 5_000,
  faults: ['coach-lost', 'coach-frozen', 'link-cut'],
  vars: { 'vocal-stream': { SILENCE: '8s' } },
};
/** What a drill needs of the testbed, also when it is green. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  overload: CAPACITY,
  'vocal-stream': ['vocal-record=true'],
  'studio-failover': ['never-fail-over=false'],
};

const drills: readonly (readonly [name: string, shorter: Shorter, red: Red])[] = [
  [
    'gateway-kill',
    {},
    {
      by: 'a balancer that checks nobody, and a control loop that restarts nothing',
      set: ['balancer-blind=true'],
      restart: 'edge',
      afterRestart: ['never-restart=true'],
      broken: ['few-errors', 'replaced'],
    },
  ],
  [
    'gateway-freeze',
    {},
    {
      by: 'alerts that reach nobody',
      set: ['alerts-url=http://127.0.0.1:9/'],
      broken: ['gateway-frozen: detectWithin', 'alerted'],
    },
  ],
  [
    'stress',
    {},
    {
      by: 'a gateway that fails when it is busy',
      whenIn: ['error-share=0.5', 'error-path=/'],
      broken: ['few-errors'],
    },
  ],
  [
    'studio-latency',
    {},
    {
      by: 'a much slower link',
      whenIn: ['link-delay-ms=900'],
      keep: ['saving-works'],
      broken: ['saving-works'],
    },
  ],
  [
    'studio-partition',
    { faultMs: 4_000, restMs: 4_500, without: ['browsing-fresh-again'] },
    {
      by: 'reads that do not say that they are old',
      set: ['unmarked-degraded=true'],
      broken: ['browsing-marked'],
    },
  ],
  [
    'studio-failover',
    { faultMs: 5_000, restMs: 6_000 },
    {
      by: 'gateways that stay with the first cloud',
      set: ['never-fail-over=true'],
      broken: ['over-1', 'over-2', 'back-1', 'back-2', 'failover-errors', 'browsing-fresh'],
    },
  ],
  [
    'cascade',
    { faultMs: 4_000, restMs: 4_500 },
    {
      by: 'no breaker, and a gateway that fails with the studio',
      set: ['breaker-off=true'],
      whenIn: ['error-share=0.5', 'error-path=/health'],
      broken: ['gateway-answers'],
    },
  ],
  [
    'postgres-failover',
    {},
    { by: 'writes that are forgotten', set: ['forget-writes=5'], broken: ['writes'] },
  ],
  [
    'redis-failover',
    // So short a load has the failures of a failover in it, and little else.
    { faults: ['primary-lost'], restMs: 7_000, without: ['few-errors'] },
    {
      by: 'sessions that are forgotten',
      set: ['forget-sessions=5'],
      broken: ['redis.failover.sessions-kept'],
    },
  ],
  [
    'spike',
    { faults: ['gateway-lost'] },
    { by: 'writes that are stored twice', set: ['duplicate-writes=5'], broken: ['writes'] },
  ],
  [
    'overload',
    {},
    {
      by: 'requests that wait instead of being refused',
      set: [...CAPACITY, 'overload-queues=true'],
      keep: ['gateway.overload.accepted'],
      broken: ['gateway.overload.accepted'],
    },
  ],
  [
    'collaboration',
    { faultMs: 3_500, restMs: 4_000 },
    {
      by: 'a session that forgets those who are away',
      set: ['shared-forgets-absent=true'],
      broken: ['collaboration.lost'],
    },
  ],
  [
    'vocal-stream',
    VOCAL,
    {
      by: 'chunks that are answered twice',
      set: ['vocal-duplicates=20'],
      shorter: { faults: ['coach-lost'] },
      broken: ['vocal.duplicated-chunks'],
    },
  ],
];

// The spike is green in shipped.testbed.test.ts, with all of its faults.
test.skipIf(k6 === null).each(drills.filter(([name]) => name !== 'spike'))(
  '%s: green',
  async (name, shorter) => {
    testbed.set(...(NEEDS[name] ?? []));
    const { verdict, exitCode, told } = await testbed.drill({
      name,
      shorten: (drill) => shorten(drill, shorter),
    });
    expect(verdict.verdict, told).toBe('PASS');
    expect(exitCode).toBe(0);
    for (const fault of verdict.faults) expect(fault.legs?.in.length, fault.name).toBeGreaterThan(0);
    if (name === 'vocal-stream') expectTruth(verdict);
  },
  120_000,
);

/** The outage of the stream agrees with what the coach has written down itself, to one chunk. */
function expectTruth({ faults }: Verdict): void {
  const heard = readHeard(paths(testbed.directory).vocalRecord);
  for (const name of ['coach-lost', 'coach-frozen', 'link-cut']) {
    const fault = faults.find((one) => one.name === name) as FaultResult;
    const until = name === 'coach-lost' ? 'last' : 'first';
    const truth = trueOutage(heard, fault, { leastMs: 10 * CHUNK_MS, until }) ?? {
      from: Number.NaN,
      to: Number.NaN,
    };
    const offMs = (fault.downtimeMs ?? Number.NaN) - (truth.to - truth.from);
    expect(
      Math.abs(offMs),
      `${name}: ${fault.downtimeMs} ms measured, off by ${offMs} ms`,
    ).toBeLessThanOrEqual(CHUNK_MS + fault.toleranceMs);
  }
}

test.skipIf(k6 === null).each(drills)(
  '%s: red',
  async (name, shorter, red) => {
    testbed.set(...(red.set ?? []));
    if (red.restart !== undefined) await testbed.restart(red.restart);
    testbed.set(...(red.set ?? []), ...(red.afterRestart ?? []));
    const { verdict, exitCode, told, broken } = await testbed.drill({
      name,
      shorten: (drill) => shorten(drill, { ...shorter, ...red.shorter }),
      ...(red.keep ? { keep: red.keep } : {}),
      ...(red.whenIn ? { whenIn: red.whenIn } : {}),
    });
    testbed.set();
    if (red.restart !== undefined) await testbed.restart(red.restart);
    expect(verdict.verdict, told).toBe('FAIL');
    expect(broken, told).toEqual(expect.arrayContaining([...red.broken]));
    expect(exitCode).toBe(1);
  },
  120_000,
);
