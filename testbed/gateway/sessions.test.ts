import { createClient } from 'redis';
import { expect, test } from 'vitest';
import { oneClass } from './sessions.ts';

test('clients at other addresses share one class, so a failover does not hold up the gateway', () => {
  const [first, second] = [7001, 7002].map((port) =>
    Object.getPrototypeOf(Object.getPrototypeOf(createClient({ ...oneClass, socket: { port } }))),
  );
  expect(first).toBe(second);
});
