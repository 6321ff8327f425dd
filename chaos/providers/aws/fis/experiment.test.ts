import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FaultRequest } from '../../../provider.ts';
import { type StandIn, startStandIn } from '../fixtures/stand-in.ts';
import { furnish, requestOf, SUBNETS, TEST_CREDENTIALS } from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  standIn = await startStandIn({ speed: 400 });
  furnish(standIn);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
});

const provider = createAwsProvider({ speed: 100 });
const signal = () => AbortSignal.timeout(10_000);

/** One fault, from its order to its end. */
async function goThrough(request: FaultRequest): Promise<void> {
  const { targets } = await provider.resolve(request, signal());
  const session = await provider.open({} as never, signal());
  const prepared = await session.prepare(request, targets, signal());
  await prepared.act(signal());
  await prepared.observe(signal());
  await prepared.revert(signal());
  await prepared.observeEnd(signal());
  await session.close();
}

test('(stand-in) two faults of a run with a long name are two experiments', async () => {
  const asked = requestOf(standIn, SUBNETS);
  const run = `2026-11-29T10-00-00-${'long-name-'.repeat(6)}`;
  for (const name of ['first-cut', 'second-cut'])
    await goThrough({ ...asked, run, fault: { ...asked.fault, name } });
  expect(standIn.fis.experiments.map(({ tags }) => tags['squall-fault'])).toEqual(['first-cut', 'second-cut']);
});
