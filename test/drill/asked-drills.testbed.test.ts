import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../testbed/fixtures/running.ts';
import { paths } from '../../testbed/lib/testbed.ts';
import { anyK6 } from '../k6.ts';
import { askedInShort, needsInShort, PERIOD_MS, ROUNDS } from './asked-short.ts';
import { askedAlone } from './drill-switches.ts';
import { eachOnSharedTestbed } from './each-on-shared-testbed.ts';
import { expectGreen } from './green-and-red.ts';
import { type SharedTestbed, upSharedTestbed } from './shared-testbed.ts';

/**
 * The drills that ask the control loop, whole and in short. The switch that breaks each of their probes is in
 * testbed/control-plane.testbed.test.ts.
 */
/** For the register alone: the probes and their switches have tests without a load. */
const k6 = process.env.SQUALL_TEST_REGISTER ? await anyK6() : null;
/** Of the drill that waits for rounds at their real period: idle nearly all the time, so that it runs beside the others. */
let slow: SharedTestbed | undefined;
let atRealPeriod: Promise<unknown>;
beforeAll(async () => {
  if (k6 === null) return;
  slow = await upSharedTestbed(k6);
  atRealPeriod = Promise.allSettled([controlLoop(slow)]).then(([outcome]) => outcome);
}, 120_000);
afterAll(async () => {
  await atRealPeriod;
  await slow?.down();
}, 180_000);
const testbed = eachOnSharedTestbed(k6, [ROUNDS], async () => rmSync(killSwitch(), { force: true }));

const killSwitch = () => paths(testbed().directory).killSwitch;

test.skipIf(k6 === null).each(askedAlone.filter((name) => name !== 'control-loop'))(
  '%s: green',
  async (name) => {
    if (name === 'kill-switch') writeFileSync(killSwitch(), '');
    await expectGreen(testbed(), name, askedInShort[name]?.shorter ?? {}, needsInShort(name));
  },
  180_000,
);

// It has run beside the others.
test.skipIf(k6 === null)(
  'control-loop: green, at its real period',
  async () => {
    expect(await atRealPeriod).toEqual({ status: 'fulfilled', value: undefined });
  },
  180_000,
);

async function controlLoop(own: SharedTestbed): Promise<void> {
  own.set(...needsInShort('control-loop'));
  await eventually(
    'two rounds at the real period',
    async () => (await periodMs(own)) > PERIOD_MS - 1_000,
    2 * PERIOD_MS + 10_000,
  );
  await expectGreen(own, 'control-loop', askedInShort['control-loop']?.shorter, needsInShort('control-loop'));
}

/** Between the last two rounds. */
async function periodMs(own: SharedTestbed): Promise<number> {
  const status = await fetch(`${own.origin('control')}/status`);
  return ((await status.json()) as { periodMs: number }).periodMs;
}
