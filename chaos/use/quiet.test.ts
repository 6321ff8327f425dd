import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createQuiet, QUIET_MS } from './quiet.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function quietSeen() {
  const quiet = createQuiet();
  let isSeen = false;
  void quiet.seen.then(() => {
    isSeen = true;
  });
  return async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    quiet.looked();
    await vi.advanceTimersByTimeAsync(0);
    return isSeen;
  };
}

it('enough was seen once looks have gone on for long enough, however long the first took to come', async () => {
  const seenAfter = quietSeen();
  for (const ms of [5_000, 10, 10]) expect(await seenAfter(ms)).toBe(false);
  expect(await seenAfter(QUIET_MS - 21)).toBe(false);
  expect(await seenAfter(1)).toBe(true);
});

it('where looks take longer than that, it takes several of them', async () => {
  const seenAfter = quietSeen();
  for (let look = 1; look <= 3; look += 1) expect(await seenAfter(QUIET_MS)).toBe(false);
  expect(await seenAfter(QUIET_MS)).toBe(true);
});
