import { afterAll, afterEach, beforeAll } from 'vitest';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import { type SharedTestbed, upSharedTestbed } from './shared-testbed.ts';

/**
 * A testbed for the tests of one file, which are skipped without k6. After each of them it has its own settings again and is healthy.
 * @param between what else has to be over before the next test
 */
export function eachOnSharedTestbed(
  k6: K6 | null,
  settings: readonly string[],
  between: () => Promise<void> = async () => {},
): () => SharedTestbed {
  let testbed: SharedTestbed | undefined;
  beforeAll(async () => {
    if (k6 !== null) testbed = await upSharedTestbed(k6, ...settings);
  }, 120_000);
  afterEach(async () => {
    if (testbed === undefined) return;
    testbed.set();
    await between();
    await testbed.healthy();
  }, 120_000);
  afterAll(async () => testbed?.down(), 60_000);
  return () => {
    if (testbed === undefined) throw new Error('the testbed is not up');
    return testbed;
  };
}
