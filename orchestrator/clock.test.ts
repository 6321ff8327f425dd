import { expect, test, vi } from 'vitest';
import { waitAtMost, watchClock } from './clock.ts';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('waiting leaves no timer behind: it would keep the process for all of its time', async () => {
  const before = timers();
  await waitAtMost(60_000, Promise.resolve());
  expect(timers()).toBe(before);
});

test('what does not come is not waited for', async () => {
  await waitAtMost(1, new Promise(() => {}));
});

test('a clock that is set is noticed, also when it is set back again', () => {
  vi.useFakeTimers();
  try {
    let offset = 1_000;
    const watch = watchClock(() => offset);
    vi.advanceTimersByTime(2_500);
    offset += 3_600_000;
    vi.advanceTimersByTime(1_000);
    offset -= 3_600_000;
    vi.advanceTimersByTime(1_000);
    expect(watch.stop()).toBe(3_600_000);
  } finally {
    vi.useRealTimers();
  }
});

test('a clock that nobody sets has no steps', async () => {
  const watch = watchClock();
  await waitAtMost(50, new Promise(() => {}));
  expect(Math.abs(watch.stop())).toBeLessThan(50);
});
