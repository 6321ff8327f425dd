import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { TEST_CREDENTIALS } from '../../chaos/providers/aws/fixtures/world.ts';
import { claims } from './cases/claims.ts';
import { cuts } from './cases/cuts.ts';
import { good } from './cases/good.ts';
import { orders } from './cases/orders.ts';
import { refused } from './cases/refused.ts';
import { tasks } from './cases/tasks.ts';
import { liveThrough } from './one-fault.ts';

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

const cases = [...good, ...refused, ...orders, ...claims, ...tasks, ...cuts];

describe.concurrent('a fault on a stand-in for AWS', () => {
  test.each(cases.map((one) => [one.title, one.result, one] as const))(
    '%s: %s',
    { timeout: 30_000 },
    async (_title, result, { title: _, result: __, says, sent, ...fault }) => {
      const told = await liveThrough(fault);
      expect({ result: told.result, reason: told.reason }, told.evidence.join('\n')).toEqual({
        result,
        reason: expect.stringMatching(says),
      });
      // At most once, whatever happened around it.
      expect(told.sent).toBe(sent ?? (result === 'REFUSED' ? 0 : 1));
      expect(told.orders.length).toBeLessThanOrEqual(1);
      expect(told.left).toEqual([]);
    },
  );
});

test('there are at least 40 of them', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
  expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
});
