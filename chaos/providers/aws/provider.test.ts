import { afterAll, beforeAll, vi } from 'vitest';
import { type ContractCase, describeProviderContract } from '../contract.ts';
import { startStandIn } from './fixtures/stand-in.ts';
import { FORMS, furnish, requestOf, SERVICE, SUBNETS, TASKS, TEST_CREDENTIALS } from './fixtures/world.ts';
import { createAwsProvider } from './provider.ts';

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

describeProviderContract('aws', {
  createProvider: () => createAwsProvider({ speed: 100 }),
  cases: [
    ...Object.entries(FORMS).map(([name, form]) => onStandIn(`(stand-in) failover of ${name}`, form)),
    onStandIn('(stand-in) stop of one task of three', SERVICE),
    onStandIn('(stand-in) stop of two tasks of three', SERVICE, { count: 2 }),
    onStandIn('(stand-in) partition of subnets by FIS', SUBNETS),
    onStandIn('(stand-in) latency of tasks by FIS', TASKS, { delay: '80ms', direction: 'from' }),
  ],
});

function onStandIn(title: string, form: object, params: object = {}): ContractCase {
  return {
    title,
    deadlineMs: 10_000,
    knowsEarlyEnd: 'fis' in form,
    refused: (request) => ({
      ...request,
      ...('fis' in form
        ? {
            fault: {
              ...request.fault,
              params: { ...request.fault.params, mode: 'reset', direction: 'to' },
            } as never,
          }
        : { component: { provider: 'aws', ...NOWHERE[form === SERVICE ? 'stop' : 'failover'] } }),
    }),
    async create() {
      const standIn = await startStandIn({ speed: 300, skewMs: 2_700 });
      furnish(standIn);
      return {
        request: requestOf(standIn, form, params),
        snapshot: () =>
          structuredClone([
            standIn.orders,
            standIn.rds.state,
            standIn.elasticache.groups,
            standIn.ecs.tasks,
            standIn.fis.templates,
            standIn.fis.experiments,
          ]),
        residue: () => [
          ...standIn.fis.templates.map(({ id }) => `template ${id}`),
          ...standIn.fis.experiments.flatMap(({ id, state }) =>
            /^(stopping|stopped)$/.test(state.status) ? [] : [`experiment ${id} is ${state.status}`],
          ),
        ],
        close: standIn.close,
      };
    },
  };
}

const NOWHERE = {
  failover: { rds: { instance: 'nowhere' } },
  stop: { ecs: { cluster: 'nowhere', service: 'gateway' } },
};
