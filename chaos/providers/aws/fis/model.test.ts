import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startRecorder } from '../fixtures/recorder.ts';
import { readServiceModel, type ServiceModel, wrongIn } from '../fixtures/service-model.ts';
import { startStandIn } from '../fixtures/stand-in.ts';
import { furnish, requestOf, SUBNETS, TASKS, TEST_CREDENTIALS } from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

const found = readServiceModel('fis');

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

const FIVE = Array.from({ length: 5 }, (_, index) => `subnet-0a1b2c3d4e5f6789${index}`);
const stopAlarm = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:errors';

// The stand-in is ours, and so is the client: that the two agree says nothing about AWS.
describe.skipIf(found === null)('(stand-in, botocore) FIS as AWS itself describes it', () => {
  const model = found as ServiceModel;

  test.each([
    ['a cut', SUBNETS, {}],
    [
      'a cut of as many subnets as there may be, with an alarm',
      { fis: { ...SUBNETS.fis, subnets: FIVE, scope: 'prefix-list', prefixList: 'pl-0a1b2c3d', stopAlarm } },
      {},
    ],
    ['a delay', TASKS, { delay: '80ms', jitter: '20ms', direction: 'from' }],
    [
      'a delay of what goes to some addresses',
      { fis: { ...TASKS.fis, tasks: { ...TASKS.fis.tasks, sources: ['10.0.0.0/16', 'api.example.com'] } } },
      { delay: '80ms', direction: 'from' },
      'latency',
    ],
  ])('%s: what squall sends, and what the stand-in answers', async (_, form, params, kind?: string) => {
    const standIn = await startStandIn({ speed: 400 });
    furnish(standIn);
    const recorder = await startRecorder(standIn.endpoint);
    try {
      const signal = AbortSignal.timeout(20_000);
      const provider = createAwsProvider({ speed: 100 });
      const place = { account: standIn.account, endpoint: recorder.endpoint };
      const request = requestOf(place, form, params, ...(kind === undefined ? [] : [kind]));
      const { targets } = await provider.resolve(request, signal);
      const session = await provider.open({} as never, signal);
      const prepared = await session.prepare(request, targets, signal);
      await prepared.act(signal);
      await prepared.observe(signal);
      await prepared.revert(signal);
      await prepared.observeEnd(signal);
      await session.close();
    } finally {
      await recorder.close();
      await standIn.close();
    }
    const calls = recorder.exchanges.flatMap((exchange) => {
      const name = operationOf(exchange);
      return name === undefined ? [] : [{ name, ...exchange }];
    });
    expect([...new Set(calls.map(({ name }) => name))].sort()).toEqual([
      ...['CreateExperimentTemplate', 'DeleteExperimentTemplate', 'GetExperiment', 'GetSafetyLever'],
      ...['ListExperimentTemplates', 'ListExperiments', 'StartExperiment', 'StopExperiment'],
    ]);
    const wrong = calls.flatMap(({ name, request, answer, status }) => {
      const { input, output } = model.operations[name] as ServiceModel['operations'][string];
      return [
        ...wrongIn(model, input.shape, request === '' ? {} : JSON.parse(request)),
        ...(status === 200 ? wrongIn(model, output.shape, JSON.parse(answer)) : [`${name}: HTTP ${status}`]),
      ];
    });
    expect([...new Set(wrong)]).toEqual([]);
  });

  function operationOf({ method, path }: { readonly method: string; readonly path: string }) {
    return Object.entries(model.operations).find(
      ([, { http }]) =>
        http.method === method &&
        new RegExp(`^${http.requestUri.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    )?.[0];
  }
});
