import { expect, test } from 'vitest';
import type { FaultResult, Verdict } from '../../orchestrator/verdict.types.ts';
import { paths } from '../../testbed/lib/testbed.ts';
import { anyK6 } from '../k6.ts';
import { greenAlone, shippedDrills } from './drill-switches.ts';
import { eachOnSharedTestbed } from './each-on-shared-testbed.ts';
import { expectGreen } from './green-and-red.ts';
import { CHUNK_MS, readHeard, trueOutage } from './singer-truth.ts';

/**
 * Every shipped drill, whole, against the testbed: green as it is. In shipped-drills-red.testbed.test.ts each is red.
 * Less load and shorter times than as shipped; what the machine's speed decides is left out, unless it is broken by far.
 */
const k6 = await anyK6();
const testbed = eachOnSharedTestbed(k6, ['forget-tries-after-ms=1000']);

// The spike with all of its faults is green in shipped.testbed.test.ts.
test.skipIf(k6 === null).each(shippedDrills.filter(([name]) => !greenAlone.includes(name)))(
  '%s: green',
  async (name, shorter) => {
    const verdict = await expectGreen(testbed(), name, shorter);
    if (name === 'vocal-stream') expectTruth(verdict);
  },
  120_000,
);

/** The outage of the stream agrees with what the coach has written down itself, to one chunk. */
function expectTruth({ faults }: Verdict): void {
  const heard = readHeard(paths(testbed().directory).vocalRecord);
  for (const name of ['coach-lost', 'coach-frozen', 'link-cut']) {
    const fault = faults.find((one) => one.name === name) as FaultResult;
    const until = name === 'coach-lost' ? 'last' : 'first';
    const truth = trueOutage(heard, fault, { leastMs: 10 * CHUNK_MS, until }) ?? {
      from: Number.NaN,
      to: Number.NaN,
    };
    const offMs = Math.round((fault.downtimeMs ?? Number.NaN) - (truth.to - truth.from));
    const told = `${name}: ${fault.downtimeMs} ms measured, off by ${offMs} ms, tolerance ${fault.toleranceMs} ms`;
    console.info(told);
    expect(Math.abs(offMs), told).toBeLessThanOrEqual(CHUNK_MS + fault.toleranceMs);
  }
}
