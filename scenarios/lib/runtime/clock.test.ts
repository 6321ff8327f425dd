import { expect, test, vi } from 'vitest';

const run = vi.hoisted(() => ({ ms: 0 }));
vi.mock('./k6.ts', () => ({
  exec: {
    instance: {
      get currentTestRunDuration() {
        return run.ms;
      },
    },
  },
}));
const { createMessageClock } = await import('./clock.ts');

test('a message’s time is when it was read, not when the script got to it', () => {
  const toRunTime = createMessageClock();
  const epoch = 1_000_000;
  // Read at 100, handled at once; read at 200, handled 40 ms later.
  run.ms = 100;
  expect(toRunTime(epoch + 100)).toBe(100);
  run.ms = 240;
  expect(toRunTime(epoch + 200)).toBe(200);
});

test('if the first message is handled late, a prompt one later puts it right', () => {
  const toRunTime = createMessageClock();
  const epoch = 1_000_000;
  run.ms = 150;
  expect(toRunTime(epoch + 100)).toBe(150);
  run.ms = 200;
  expect(toRunTime(epoch + 200)).toBe(200);
  run.ms = 390;
  expect(toRunTime(epoch + 300)).toBe(300);
});
