import { test } from 'vitest';
import { anyK6 } from '../k6.ts';
import { greenAlone, shippedDrills, spikeAlone } from './drill-switches.ts';
import { eachOnSharedTestbed } from './each-on-shared-testbed.ts';
import { expectGreen } from './green-and-red.ts';

/** The shipped drills that measure how fast the target is while a fault is in, green, with nothing beside them. */
/** For the register alone. */
const k6 = process.env.SQUALL_TEST_REGISTER ? await anyK6() : null;
const testbed = eachOnSharedTestbed(k6, []);

test.skipIf(k6 === null).each(shippedDrills.filter(([name]) => greenAlone.includes(name)))(
  '%s: green',
  async (name, shorter) => {
    await expectGreen(testbed(), name, name === 'spike' ? spikeAlone : shorter);
  },
  120_000,
);
