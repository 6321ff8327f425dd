import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { hasCluster } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { anyK6 } from '../k6.ts';
import { describeDeath } from './death.ts';
import { describeDisruptor, describeStockK6 } from './disruptor.ts';
import { describeDrills } from './drills.ts';
import { describeRefusals } from './refusals.ts';
import { type KubernetesTestbed, startKubernetesTestbed } from './testbed.ts';

const k6 = await anyK6();

describeStockK6(k6);

// One testbed for all, in one file and so one after the other: to bring it up and down takes longer than most of these tests.
describe.skipIf(!hasCluster || k6 === null)('the testbed on a real cluster', () => {
  let shared: KubernetesTestbed;
  const testbed = () => shared;
  beforeAll(async () => {
    shared = await startKubernetesTestbed();
  }, 400_000);
  afterAll(() => shared?.down(), 200_000);
  afterEach(async () => expect(await shared.residue()).toEqual([]));

  describeDrills(testbed, k6?.path ?? '');
  describeDeath(testbed);
  describeRefusals(testbed);
  // Last: its agents stay in the pods until those go.
  describeDisruptor();
});
