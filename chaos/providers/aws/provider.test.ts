import { afterAll, beforeAll, vi } from 'vitest';
import { type ContractCase, describeProviderContract } from '../contract.ts';
import { startStandIn } from './fixtures/stand-in.ts';
import { FORMS, furnish, requestOf, TEST_CREDENTIALS } from './fixtures/world.ts';
import { createAwsProvider } from './provider.ts';

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

describeProviderContract('aws', {
  createProvider: () => createAwsProvider({ speed: 100 }),
  cases: Object.entries(FORMS).map(([name, form]) => failover(`(stand-in) failover of ${name}`, form)),
});

function failover(title: string, form: object): ContractCase {
  return {
    title,
    deadlineMs: 10_000,
    refused: (request) => ({
      ...request,
      component: { ...request.component, rds: { instance: 'nowhere' }, elasticache: undefined } as never,
    }),
    async create() {
      const standIn = await startStandIn({ speed: 300, skewMs: 2_700 });
      furnish(standIn);
      return {
        request: requestOf(standIn, form),
        snapshot: () => structuredClone([standIn.orders, standIn.rds.state, standIn.elasticache.groups]),
        residue: () => [],
        close: standIn.close,
      };
    },
  };
}
