import { expect, test } from 'vitest';
import { waitAtMost } from './clock.ts';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('waiting leaves no timer behind: it would keep the process for all of its time', async () => {
  const before = timers();
  await waitAtMost(60_000, Promise.resolve());
  expect(timers()).toBe(before);
});

test('what does not come is not waited for', async () => {
  await waitAtMost(1, new Promise(() => {}));
});
