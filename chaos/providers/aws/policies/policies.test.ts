import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startStandIn } from '../fixtures/stand-in.ts';
import {
  CLUSTER,
  furnish,
  INSTANCE,
  requestOf,
  SERVICE,
  SHARD,
  SHARDED,
  SUBNETS,
  TASKS,
  TEST_CREDENTIALS,
} from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

const policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
      Resource: z.string(),
    }),
  ),
});
/** Needs no policy: AWS answers it to everybody. */
const FOR_EVERYBODY = 'sts:GetCallerIdentity';

/** Rights that AWS asks for behind a call, and that are no calls of squall's. */
const CHECKED_BY_AWS = ['iam:PassRole', 'fis:TagResource'];

function statementsOf(file: string) {
  return policy.parse(JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))).Statement;
}

test.each([
  ['failover-rds-instance.json', INSTANCE, {}],
  ['failover-rds-cluster.json', CLUSTER, {}],
  ['failover-elasticache-shard.json', SHARD, {}],
  ['failover-elasticache-shard.json', SHARDED, {}],
  ['stop-ecs-task.json', SERVICE, {}],
  ['partition-fis-subnets.json', SUBNETS, {}],
  ['latency-fis-tasks.json', TASKS, { delay: '80ms', direction: 'from' }],
])('(stand-in) %s allows what its fault calls, all of it and nothing else', async (file, form, params) => {
  const standIn = await startStandIn({ speed: 400 });
  furnish(standIn);
  try {
    const provider = createAwsProvider({ speed: 100 });
    const request = requestOf(standIn, form, params);
    const signal = AbortSignal.timeout(20_000);
    const { targets } = await provider.resolve(request, signal);
    // What a plan calls: it reads, and orders nothing.
    expect(standIn.calls.every((call) => call === FOR_EVERYBODY || /:(Describe|List|Get)/.test(call))).toBe(
      true,
    );
    expect(standIn.calls[0]).toBe(FOR_EVERYBODY);
    const session = await provider.open({} as never, signal);
    const prepared = await session.prepare(request, targets, signal);
    expect(standIn.orders).toEqual([]);
    await prepared.act(signal);
    await prepared.observe(signal);
    await prepared.revert(signal);
    await prepared.observeEnd(signal);
    await session.close();
    const called = [...new Set(standIn.calls)].filter((call) => call !== FOR_EVERYBODY).sort();
    const allowed = new Set(statementsOf(file).flatMap(({ Action }) => Action));
    for (const action of CHECKED_BY_AWS) allowed.delete(action);
    expect(called).toEqual([...allowed].sort());
  } finally {
    await standIn.close();
  }
});

test('whatever changes something is allowed on one resource alone', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.json'));
  expect(files.length).toBeGreaterThanOrEqual(10);
  for (const { Action, Resource } of files.flatMap(statementsOf)) {
    const isReading = Action.every((action) => /^[a-z]+:(Describe|List|Get)[A-Z]\w+$/.test(action));
    if (!isReading || Resource !== '*')
      expect([Action, Resource], Action.join()).toEqual([Action, expect.stringMatching(/^arn:aws:/)]);
    expect(Action.join()).not.toContain('*');
  }
});
