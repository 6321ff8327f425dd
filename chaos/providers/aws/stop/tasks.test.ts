import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type StandIn, startStandIn } from '../fixtures/stand-in.ts';
import { furnish, requestOf, SERVICE, TEST_CREDENTIALS } from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

const HEALTH_MS = 300;

let standIn: StandIn;
/** When the replacement's health check had answered. */
let healthyAt: number | undefined;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  healthyAt = undefined;
  standIn = await startStandIn({
    speed: 300,
    effect(what) {
      const task = standIn.ecs.tasks.at(-1);
      if (what === 'down' || task === undefined) return;
      task.healthStatus = 'UNKNOWN';
      setTimeout(() => {
        task.healthStatus = 'HEALTHY';
        healthyAt = Date.now();
      }, HEALTH_MS);
    },
  });
  furnish(standIn);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
});

const signal = () => AbortSignal.timeout(10_000);

test('(stand-in) the only task known to be healthy is the last healthy one, and is hit first', async () => {
  for (const task of standIn.ecs.tasks.slice(0, 2)) task.healthStatus = 'UNKNOWN';
  const found = await createAwsProvider().resolve(requestOf(standIn, SERVICE), signal());
  expect(found.healthy).toBe(1);
  expect(found.targets.map(({ healthy }) => healthy)).toEqual([true]);
  expect(found.targets[0]?.identity.task).toContain('/2000');
  expect(found.candidates[0]?.details?.[0]).toContain('not yet known to be healthy');
});

test('(stand-in) a stop is over when what replaces the task is healthy, also where it is the only one', async () => {
  standIn.ecs.tasks.splice(1);
  Object.assign(standIn.ecs.services[0] ?? {}, { desiredCount: 1, runningCount: 1 });
  const provider = createAwsProvider({ speed: 100 });
  const request = requestOf(standIn, SERVICE);
  const { targets } = await provider.resolve(request, signal());
  const session = await provider.open({} as never, signal());
  const prepared = await session.prepare(request, targets, signal());
  await prepared.act(signal());
  await prepared.observe(signal());
  const { seen } = await prepared.observeEnd(signal());
  expect(healthyAt).toBeDefined();
  expect(seen[0]).toBe('1 of 1 run again, 1 of them new');
  await session.close();
});
