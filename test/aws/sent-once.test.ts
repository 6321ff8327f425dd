import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { type ApiTrouble, BROKEN, THROTTLED } from '../../chaos/providers/aws/fixtures/trouble.ts';
import {
  CLUSTER,
  furnish,
  INSTANCE,
  requestOf,
  SERVICE,
  SHARD,
  SUBNETS,
  TEST_CREDENTIALS,
} from '../../chaos/providers/aws/fixtures/world.ts';
import { createAwsProvider } from '../../chaos/providers/aws/provider.ts';
import { inParallel, trials } from '../trials.ts';

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

/** Around an order: errors before and after it was carried out, resets, answers that never come, throttling. */
const TROUBLES: readonly (ApiTrouble | undefined)[] = [
  undefined,
  { does: 'fail-after', fault: BROKEN },
  { does: 'refuse', fault: BROKEN },
  { does: 'refuse', fault: THROTTLED },
  { does: 'reset', carriedOut: true },
  { does: 'reset', carriedOut: false },
  { does: 'hang', carriedOut: true },
  { does: 'hang', carriedOut: false },
];
const ACTIONS = [
  { form: INSTANCE, action: 'RebootDBInstance' },
  { form: CLUSTER, action: 'FailoverDBCluster' },
  { form: SHARD, action: 'TestFailover' },
  { form: SERVICE, action: 'StopTask' },
  { form: SUBNETS, action: 'StartExperiment' },
];

test('(stand-in) whatever happens around it, an order is sent at most once', {
  timeout: 300_000,
}, async () => {
  const { count, random } = trials('orders to AWS in trouble', { full: 1_000, sample: 100 });
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const runs = Array.from({ length: count }, () => ({
    ...pick(ACTIONS),
    trouble: pick(TROUBLES),
    acts: pick([1, 2, 3]),
    observes: random() < 0.3,
  }));
  let arrived = 0;
  let carriedOut = 0;
  await inParallel(count, 8, async (index) => {
    const run = runs[index] as (typeof runs)[number];
    // One for each: an order that was given up may arrive late.
    const standIn = await startStandIn();
    furnish(standIn);
    const never = new AbortController().signal;
    try {
      const provider = createAwsProvider({ speed: 1_000, orderTimeoutMs: 500 });
      const session = await provider.open({} as never, never);
      const request = requestOf(standIn, run.form);
      const { targets } = await provider.resolve(request, never);
      const prepared = await session.prepare(request, targets, never);
      if (run.trouble !== undefined) standIn.troubles.add({ action: run.action, trouble: run.trouble });
      const acts = Array.from({ length: run.acts }, () => prepared.act(never).catch(() => {}));
      if (run.observes) await prepared.observe(AbortSignal.timeout(10)).catch(() => {});
      await Promise.all(acts);
      await prepared.act(never).catch(() => {});
      await session.close();
      const sent = standIn.calls.filter((call) => call.endsWith(`:${run.action}`)).length;
      expect(sent, `run ${index}: ${JSON.stringify(run)}`).toBeLessThanOrEqual(1);
      expect(standIn.orders.length, `run ${index}: ${JSON.stringify(run)}`).toBeLessThanOrEqual(1);
      arrived += sent;
      carriedOut += standIn.orders.length;
    } finally {
      await standIn.close();
    }
  });
  // On a busy machine some orders are given up before they arrive. Most of the troubles above let them through.
  // The ten of a quick run say too little about that.
  expect(arrived).toBeGreaterThan(count < 100 ? 0 : count / 2);
  expect(carriedOut).toBeGreaterThan(count < 100 ? 0 : count / 4);
});
