import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { eventually } from '../../testbed/fixtures/running.ts';
import { paths } from '../../testbed/lib/testbed.ts';
import { anyK6 } from '../k6.ts';
import { askedAlone, NEEDS } from './drill-switches.ts';
import { expectGreen } from './green-and-red.ts';
import { type SharedTestbed, upSharedTestbed } from './shared-testbed.ts';

const k6 = await anyK6();

// With the load and the times that they are shipped with: 15 minutes.
describe.runIf(k6 !== null && process.env.SQUALL_FULL)('drills about the control loop, as shipped', () => {
  let testbed: SharedTestbed;
  beforeAll(async () => {
    if (k6 !== null) testbed = await upSharedTestbed(k6, 'control-period-ms=2000');
  }, 120_000);
  afterEach(async () => {
    rmSync(killSwitch(), { force: true });
    testbed.set();
    await testbed.healthy();
  }, 120_000);
  afterAll(async () => testbed?.down(), 60_000);

  const killSwitch = () => paths(testbed.directory).killSwitch;

  test.each(askedAlone)(
    '%s',
    async (name) => {
      if (name === 'kill-switch') writeFileSync(killSwitch(), '');
      testbed.set(...(NEEDS[name] ?? []));
      if (name === 'control-loop') await rounds(3);
      await expectGreen(testbed, name);
    },
    400_000,
  );

  /** The period is what lies between two rounds of the new one. */
  async function rounds(count: number): Promise<void> {
    const done = async () => {
      const status = await fetch(`${testbed.origin('control')}/status`);
      return ((await status.json()) as { rounds: number }).rounds;
    };
    const from = await done();
    await eventually(`${count} rounds`, async () => (await done()) >= from + count, 200_000);
  }
});
