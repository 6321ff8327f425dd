import { expect, test } from 'vitest';
import type { LiveTick, Unreached } from '../samples/types.ts';
import { watchUnreached } from './unreached.ts';

const nobody: Unreached = { requests: 25, forMs: 5_200, why: 'dial: connection refused (127.0.0.1:1)' };
const tick = (unreached: Unreached | null) => ({ unreached }) as LiveTick;

test('a run ends when none of its loads was ever answered', () => {
  const watch = watchUnreached(2);
  expect(watch.told()).toBeNull();
  watch.tick(0, tick(nobody));
  expect(watch.told(), 'the second load may yet be answered').toBeNull();
  watch.tick(1, tick({ ...nobody, requests: 7 }));
  expect(watch.told()).toBe(
    'not one of the first 25 requests was answered, for 5.2 s: dial: connection refused (127.0.0.1:1)',
  );
  watch.tick(1, tick(null));
  expect(watch.told(), 'the second load is answered').toBeNull();
});

test('once a fault went in, it may be to blame', () => {
  const watch = watchUnreached(1);
  watch.tick(0, tick(nobody));
  watch.event({ type: 'fault-injecting', fault: 'killed', targets: [], dueAt: 0 });
  expect(watch.told()).toBeNull();
});
