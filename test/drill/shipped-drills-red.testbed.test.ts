import { test } from 'vitest';
import { anyK6 } from '../k6.ts';
import { shippedDrills } from './drill-switches.ts';
import { eachOnSharedTestbed } from './each-on-shared-testbed.ts';
import { expectRed } from './green-and-red.ts';

/** Every shipped drill, whole and shortened, red by a switch of the testbed that breaks what the drill is about. */
const k6 = await anyK6();
const testbed = eachOnSharedTestbed(k6, ['forget-tries-after-ms=1000']);

test.skipIf(k6 === null).each(shippedDrills)(
  '%s: red',
  async (...drill) => expectRed(testbed(), drill),
  120_000,
);
