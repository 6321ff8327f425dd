import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createQuiet, QUIET_MS } from './quiet.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('enough was seen once looks have gone on for long enough, however long the first took to come', async () => {
  const quiet = createQuiet();
  let isSeen = false;
  void quiet.seen.then(() => {
    isSeen = true;
  });
  const seenAfter = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    quiet.looked();
    await vi.advanceTimersByTimeAsync(0);
    return isSeen;
  };
  expect(await seenAfter(5_000)).toBe(false);
  expect(await seenAfter(QUIET_MS - 1)).toBe(false);
  expect(await seenAfter(1)).toBe(true);
});
