import { expect, test, vi } from 'vitest';
import { askRedis } from './redis-client.ts';

const createClient = vi.hoisted(() => vi.fn());
vi.mock('redis', async (original) => {
  const redis = await original<typeof import('redis')>();
  createClient.mockImplementation(redis.createClient);
  return { ...redis, createClient };
});

test('builds the class of a client once, not for each address', async () => {
  // Nobody listens on these ports of the loopback interface: whether a node answers makes no difference here.
  for (const port of [1, 2, 3]) {
    await expect(askRedis({ address: `127.0.0.1:${port}` }, ['PING'])).rejects.toThrow(
      `connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  }
  expect(createClient).toHaveBeenCalledTimes(1);
});
