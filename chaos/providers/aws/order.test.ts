import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startStandIn } from './fixtures/stand-in.ts';
import { FORMS, furnish, requestOf, SERVICE, SUBNETS, TEST_CREDENTIALS } from './fixtures/world.ts';
import { createAwsProvider } from './provider.ts';

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

test.each(Object.entries({ ...FORMS, SERVICE, SUBNETS }))(
  '(stand-in) who we are is asked again right before the order (%s): another account gets none',
  async (_, form) => {
    const standIn = await startStandIn();
    furnish(standIn);
    try {
      const signal = AbortSignal.timeout(10_000);
      const provider = createAwsProvider({ speed: 100 });
      const request = requestOf(standIn, form);
      const { targets } = await provider.resolve(request, signal);
      const session = await provider.open({} as never, signal);
      const prepared = await session.prepare(request, targets, signal);
      standIn.callerAccount = '999999999999';
      standIn.calls.length = 0;
      await expect(prepared.act(signal)).rejects.toThrow(/credentials of account 999999999999/);
      expect([...new Set(standIn.calls)]).toEqual(['sts:GetCallerIdentity']);
      await session.close();
    } finally {
      await standIn.close();
    }
  },
);
